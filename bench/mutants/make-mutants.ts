import { stripTypeScriptTypes } from "node:module";
import { closingOf, readTokens, type Token } from "./read-tokens.ts";

/** A module with one thing changed. */
export interface Mutant {
  /** Position in the source, which is the same with and without its types. */
  readonly at: number;
  readonly line: number;
  readonly was: string;
  readonly becomes: string;
  /** The whole module without types, changed. */
  readonly code: string;
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly becomes: string;
}

/** Each sign and word that is another in a mutant, and what it becomes. */
const SWAPS = new Map<string, readonly string[]>(
  Object.entries({
    "===": ["!=="],
    "!==": ["==="],
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "&&": ["||"],
    "||": ["&&"],
    "??": ["&&"],
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "++": ["--"],
    "--": ["++"],
    "+=": ["-="],
    "-=": ["+="],
    "?.": ["."],
    true: ["false"],
    false: ["true"],
    await: [""],
    some: ["every"],
    every: ["some"],
    find: ["findLast"],
    findLast: ["find"],
    indexOf: ["lastIndexOf"],
    lastIndexOf: ["indexOf"],
    startsWith: ["endsWith"],
    endsWith: ["startsWith"],
    min: ["max"],
    max: ["min"],
    floor: ["ceil"],
    ceil: ["floor"],
  }),
);
const LEFT_OUT = new Set(["trim", "trimEnd", "toLowerCase", "toSorted", "filter", "abs"]);
/** What may stand before a statement: a sign that ends another one or opens a block, or the condition it depends on. */
const BEFORE_STATEMENT = new Set([";", "{", "}", ")"]);
const KEPT = new Set(
  "const let var function class import export async if for while switch case default".split(" "),
);
/** Template text of more lines than this is a script: each of its lines is a statement. */
const SCRIPT_LINES = 3;

/**
 * Every mutant of a module: each has one change, still parses, and is another program once its types are gone. Imports stay as they are.
 */
export function makeMutants(source: string): readonly Mutant[] {
  const code = stripTypeScriptTypes(source);
  const tokens = readTokens(code);
  const changes = tokens.flatMap((token, index) => [
    ...changesOf(tokens, token, index),
    ...statementChanges(tokens, token, index),
  ]);
  return changes.flatMap(({ start, end, becomes }): Mutant[] => {
    const changed = `${code.slice(0, start)}${becomes}${code.slice(end)}`;
    if (changed === code || !isModule(changed)) return [];
    const line = code.slice(0, start).split("\n").length;
    return [{ at: start, line, was: code.slice(start, end), becomes, code: changed }];
  });
}

function isModule(code: string): boolean {
  try {
    stripTypeScriptTypes(code);
    return true;
  } catch {
    return false;
  }
}

function changesOf(tokens: readonly Token[], token: Token, index: number): readonly Change[] {
  const { kind, text, start, end } = token;
  const to = (...texts: readonly string[]) => texts.map((becomes) => ({ start, end, becomes }));
  const before = tokens[index - 1];
  const isImported = before?.text === "from" || before?.text === "import";
  switch (kind) {
    case "string":
      return isImported ? [] : to(text.length === 2 ? '"mutant"' : '""');
    case "number":
      return to(text.includes("_") || Number(text) > 1 ? `(${text} + 1)` : text === "0" ? "1" : "0");
    case "regexp":
      return regexpChanges(token);
    case "template":
      return templateChanges(token);
    case "word":
      return before?.text === "." && LEFT_OUT.has(text)
        ? withoutCall(tokens, index)
        : isCalledOrPlain(tokens, index)
          ? to(...(SWAPS.get(text) ?? []))
          : [];
    case "sign":
      return signChanges(tokens, index);
  }
}

/** `some` is a method only where it is called; `true` and `await` are no names. */
function isCalledOrPlain(tokens: readonly Token[], index: number): boolean {
  const text = tokens[index]?.text ?? "";
  if (["true", "false", "await"].includes(text)) return tokens[index + 1]?.text !== ":";
  return tokens[index - 1]?.text === "." && tokens[index + 1]?.text === "(";
}

/** `list.filter(…)` → `list`. */
function withoutCall(tokens: readonly Token[], index: number): readonly Change[] {
  const start = tokens[index - 1]?.start;
  if (start === undefined || tokens[index + 1]?.text !== "(") return [];
  const end = tokens[closingOf(tokens, index + 1)]?.end ?? start;
  return [{ start, end, becomes: "" }];
}

function signChanges(tokens: readonly Token[], index: number): readonly Change[] {
  const token = tokens[index];
  if (token === undefined) return [];
  const { text, start, end } = token;
  const before = tokens[index - 1];
  if (text === "!") return [{ start, end, becomes: "" }];
  if (text === "?") return ["&& false ?", "|| true ?"].map((becomes) => ({ start, end, becomes }));
  if (text === "(" && before !== undefined && ["if", "while"].includes(before.text)) {
    const close = tokens[closingOf(tokens, index)]?.end ?? end;
    const conditions = before.text === "if" ? ["(true)", "(false)"] : ["(false)"];
    return conditions.map((becomes) => ({ start, end: close, becomes }));
  }
  const isList = text === "[" && before?.kind === "sign" && before.text !== "]" && before.text !== ")";
  if (isList || (text === "[" && before?.text === "return")) {
    const close = closingOf(tokens, index);
    const last = tokens[close];
    const isPattern = ["=", "of"].includes(tokens[close + 1]?.text ?? "");
    return last === undefined || close === index + 1 || isPattern
      ? []
      : [{ start, end: last.end, becomes: "[]" }];
  }
  return (SWAPS.get(text) ?? []).map((becomes) => ({ start, end, becomes }));
}

/** Anchors, negated classes, flags and bounds: what is easily left out of an expression. */
function regexpChanges({ text, start, end }: Token): readonly Change[] {
  const slash = text.lastIndexOf("/");
  const body = text.slice(1, slash);
  const flags = text.slice(slash + 1);
  const bodies = [
    body.replace(/^\^/, ""),
    body.replace(/\$$/, ""),
    body.replace("[^", "["),
    body.replace(/[*+](?!\?)/, ""),
    body.replace(/\{(\d+)/, (_, least) => `{${Number(least) + 1}`),
    body.replace(/,(\d+)\}/, (_, most) => `,${Number(most) - 1}}`),
    body.replace(/\(\?[=!][^)]*\)/, ""),
  ];
  const changed = new Set(
    bodies.filter((one) => one !== body && one !== "").map((one) => `/${one}/${flags}`),
  );
  if (flags.includes("i")) changed.add(`/${body}/${flags.replace("i", "")}`);
  return [...changed].map((becomes) => ({ start, end, becomes }));
}

/** Text in a template is gone; of a script in one, each line of its own, comments aside. */
function templateChanges({ text, start, end }: Token): readonly Change[] {
  const lines = text.split("\n");
  if (lines.length <= SCRIPT_LINES) return [{ start, end, becomes: "" }];
  let at = start;
  return lines.flatMap((line): Change[] => {
    const from = at;
    at += line.length + 1;
    const isStatement = line.trim() !== "" && !line.trim().startsWith("#");
    return isStatement ? [{ start: from, end: from + line.length, becomes: "" }] : [];
  });
}

/** A statement that is not run: calls and assignments are left out, `return x` gives nothing. */
function statementChanges(tokens: readonly Token[], token: Token, index: number): readonly Change[] {
  const before = tokens[index - 1];
  if (before?.kind !== "sign" || !BEFORE_STATEMENT.has(before.text) || KEPT.has(token.text)) return [];
  if (token.kind !== "word" && token.text !== "(") return [];
  let last = index;
  while (last < tokens.length && tokens[last]?.text !== ";") {
    const opens = tokens[last]?.kind === "sign" && ["(", "[", "{"].includes(tokens[last]?.text ?? "");
    if (tokens[last]?.text === "}" || tokens[last]?.text === ":") return [];
    last = opens ? closingOf(tokens, last) + 1 : last + 1;
  }
  const end = tokens[last]?.end;
  if (end === undefined) return [];
  const isReturn = token.text === "return";
  if (isReturn && tokens[index + 1]?.text === "undefined") return [];
  if (isReturn && last === index + 1) return [{ start: token.start, end, becomes: ";" }];
  return [{ start: token.start, end, becomes: isReturn ? "return;" : ";" }];
}
