import { RE2JS } from "re2js";

/** A configured pattern, matched in linear time. Null means no match. */
export type Pattern = (text: string) => {
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
} | null;

/** No sane location or host pattern is longer; compiling is quadratic in repetition counts. */
const MAX_PATTERN_CHARS = 2000;

/**
 * A PCRE of a live configuration, run by a linear-time engine. Undefined for what that engine cannot do
 * (look-around, back references, possessive quantifiers): the caller says so in a note instead of guessing.
 */
export function compilePattern(
  source: string,
  options: { readonly ignoreCase?: boolean } = {},
): Pattern | undefined {
  if (source.length > MAX_PATTERN_CHARS) return undefined;
  try {
    const compiled = RE2JS.compile(source, options.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    return (text) => {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return null;
      const group = (key: number | string) => matcher.group(key) ?? undefined;
      const named = Object.keys(compiled.namedGroups()).map((name) => [name, group(name)] as const);
      return {
        groups: Array.from({ length: matcher.groupCount() + 1 }, (_, index) => group(index)),
        named: Object.fromEntries(named),
      };
    };
  } catch {
    // an unsupported or broken pattern is a fact about the host's configuration, not a fault of ours
    return undefined;
  }
}
