import { compilePattern } from "../common/pcre.ts";

export type MatchMethod = "beg" | "end" | "sub" | "dir" | "dom" | "reg" | "len";

/** How HAProxy compares a sample with one value; undefined when the pattern cannot be evaluated here. */
export function matchesText(
  seen: string,
  wanted: string,
  { method, ignoreCase }: { readonly method: MatchMethod | undefined; readonly ignoreCase: boolean },
): boolean | undefined {
  if (method === "reg") {
    const pattern = compilePattern(wanted, { ignoreCase });
    return pattern && pattern(seen) !== null;
  }
  const text = ignoreCase ? seen.toLowerCase() : seen;
  const value = ignoreCase ? wanted.toLowerCase() : wanted;
  switch (method) {
    case undefined:
      return text === value;
    case "beg":
      return text.startsWith(value);
    case "end":
      return text.endsWith(value);
    case "sub":
      return text.includes(value);
    case "dir":
      return containsPart(text, value, "/?");
    case "dom":
      return containsPart(text, value, "./?:");
    case "len":
      return text.length === Number(value);
  }
}

/** Whether the value stands in the text between delimiters (or its ends), its own outer delimiters aside. */
function containsPart(text: string, value: string, delimiters: string): boolean {
  const isDelimiter = (character: string) => character === "" || delimiters.includes(character);
  let from = 0;
  let to = value.length;
  while (from < to && delimiters.includes(value.charAt(from))) from += 1;
  while (to > from && delimiters.includes(value.charAt(to - 1))) to -= 1;
  const part = value.slice(from, to);
  if (part === "") return false;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    if (isDelimiter(text.charAt(at - 1)) && isDelimiter(text.charAt(at + part.length))) return true;
  }
  return false;
}
