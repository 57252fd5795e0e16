/** One line of the helper's: `diagnose502 <word> [<name>=<value> …]`. */
export interface HelperAnswer {
  readonly word: string;
  readonly fields: ReadonlyMap<string, string>;
}

const BEGINNING = "diagnose502 ";

/** The last line of that shape: sudo and login scripts may print others before it. */
export function parseHelperAnswer(output: string): HelperAnswer | undefined {
  const line = output.split("\n").findLast((text) => text.startsWith(BEGINNING));
  if (line === undefined) return undefined;
  const [word = "", ...rest] = line
    .slice(BEGINNING.length, 1000)
    .split(" ")
    .filter((part) => part !== "");
  const fields = rest.flatMap((part) => {
    const equals = part.indexOf("=");
    return equals > 0 ? [[part.slice(0, equals), part.slice(equals + 1)] as const] : [];
  });
  return { word, fields: new Map(fields) };
}
