/** When the directives after a `Host` or `Match` line count. */
export type SshCondition =
  | { readonly kind: "host"; readonly patterns: readonly string[] }
  | { readonly kind: "match"; readonly criteria: readonly SshCriterion[]; readonly at: string };

interface SshCriterion {
  /** Lower-case: `all`, `host`, `originalhost`, `exec`, … */
  readonly name: string;
  readonly negated: boolean;
  readonly patterns: readonly string[];
}

/** One line of ssh_config that sets something. */
export interface SshDirective {
  /** Lower-case. */
  readonly keyword: string;
  /** Never empty. */
  readonly args: readonly string[];
  /** All must hold: those of the file that includes this one, then its own. */
  readonly conditions: readonly SshCondition[];
  /** `file:line`, for messages. */
  readonly at: string;
}

/** Criteria of `Match` that take no argument. Source: ssh_config(5). */
const WITHOUT_ARGUMENT = ["all", "canonical", "final"];

/**
 * ssh_config text → its directives in order, `Include` among them and not followed.
 * Lines that ssh would refuse are passed over: ssh itself reports them.
 */
export function parseSshConfig(
  text: string,
  options: { readonly file: string; readonly conditions?: readonly SshCondition[] },
): SshDirective[] {
  const { file, conditions: outer = [] } = options;
  const directives: SshDirective[] = [];
  let conditions = outer;
  for (const [index, line] of text.split("\n").entries()) {
    const at = `${file}:${index + 1}`;
    const { keyword, args } = splitLine(line);
    if (args.length === 0) continue;
    if (keyword === "host") conditions = [...outer, { kind: "host", patterns: args }];
    else if (keyword === "match")
      conditions = [...outer, { kind: "match", criteria: readCriteria(args), at }];
    else directives.push({ keyword, args, conditions, at });
  }
  return directives;
}

/** `Keyword value`, `Keyword=value` or `Keyword = value`. */
function splitLine(line: string): { readonly keyword: string; readonly args: readonly string[] } {
  const text = line.trim();
  if (text.startsWith("#")) return { keyword: "", args: [] };
  let end = 0;
  while (end < text.length && !" \t=".includes(text.charAt(end))) end++;
  let start = end;
  while (start < text.length && " \t".includes(text.charAt(start))) start++;
  if (text.charAt(start) === "=") start++;
  return { keyword: text.slice(0, end).toLowerCase(), args: splitWords(text.slice(start)) };
}

/** Words of a value, with `"…"`, `'…'` and `\` as OpenSSH's `argv_split` reads them; `#` begins a comment. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    const next = text.charAt(index + 1);
    if (char === "\\" && (next === '"' || next === "'" || next === "\\" || (quote === "" && next === " "))) {
      word = (word ?? "") + next;
      index++;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (char === " " || char === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "#" && word === undefined) {
      return words;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** `Match host a,b originalhost c`; a name and its patterns may also be joined by `=`. */
function readCriteria(args: readonly string[]): SshCriterion[] {
  const words = args.flatMap((arg) => {
    const equals = arg.indexOf("=");
    return equals === -1 ? [arg] : [arg.slice(0, equals), arg.slice(equals + 1)];
  });
  const criteria: SshCriterion[] = [];
  while (words.length > 0) {
    const word = words.shift() ?? "";
    const negated = word.startsWith("!");
    const name = (negated ? word.slice(1) : word).toLowerCase();
    const patterns = WITHOUT_ARGUMENT.includes(name) ? [] : (words.shift() ?? "").split(",");
    criteria.push({ name, negated, patterns });
  }
  return criteria;
}
