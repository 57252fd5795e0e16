/** One `[section]` of an INI-like file; what comes before the first header is in a section without a name. */
export interface IniSection {
  readonly name: string;
  /** In the order written; a key may repeat. A flag without `=` has an empty value. */
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

/** Lines that begin with `;` or `#` are comments; quotes around a value and a comment after ` ;` are dropped. */
export function parseIni(text: string): IniSection[] {
  const sections: { name: string; entries: { key: string; value: string }[] }[] = [{ name: "", entries: [] }];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith(";") || line.startsWith("#")) continue;
    if (line.startsWith("[") && line.includes("]")) {
      sections.push({ name: line.slice(1, line.indexOf("]")).trim(), entries: [] });
      continue;
    }
    const equals = line.indexOf("=");
    const key = (equals < 0 ? line : line.slice(0, equals)).trim();
    sections.at(-1)?.entries.push({ key, value: equals < 0 ? "" : cleanValue(line.slice(equals + 1)) });
  }
  return sections;
}

/** The last value of a key: later lines win. */
export function lastValue(entries: IniSection["entries"], ...keys: readonly string[]): string | undefined {
  return entries.findLast(({ key }) => keys.includes(key))?.value;
}

function cleanValue(text: string): string {
  const comment = text.indexOf(" ;");
  const value = (comment < 0 ? text : text.slice(0, comment)).trim();
  const quote = value.at(0);
  const isQuoted = value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return isQuoted ? value.slice(1, -1) : value;
}
