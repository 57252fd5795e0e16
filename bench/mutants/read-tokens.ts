/** One word or sign of JavaScript; comments and blanks are left out. */
export interface Token {
  readonly kind: "word" | "number" | "string" | "template" | "regexp" | "sign";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SIGNS = [
  ..."?.. ... === !== **= <<= >>= &&= ||= ??= => == != <= >= && || ?? ++ -- += -= *= /= %= ** << >> ?.".split(
    " ",
  ),
].toSorted((a, b) => b.length - a.length);
/** After these a slash begins an expression; after any other word it divides. */
const BEFORE_VALUE = new Set("return typeof case in of await yield throw new delete void else do".split(" "));
const WORD = /[\w$\u0080-\uffff]+/y;
const NUMBER = /\d[\w.]*/y;
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;

/** The tokens of a module without types. Of a template, each piece of text is a token, with the backtick, `${` and `}` as signs. */
export function readTokens(source: string): readonly Token[] {
  const tokens: Token[] = [];
  /** For each `{` that is open: whether it is the `${` of a template. */
  const open: boolean[] = [];
  let at = 0;
  const push = (kind: Token["kind"], end: number) => {
    tokens.push({ kind, text: source.slice(at, end), start: at, end });
    at = end;
  };
  const templateText = () => {
    const end = endOfTemplateText(source, at);
    if (end > at) push("template", end);
    if (source[at] === "`") push("sign", at + 1);
    else {
      open.push(true);
      push("sign", at + 2);
    }
  };
  while (at < source.length) {
    at = matchAt(SPACE, source, at) ?? at;
    const char = source[at];
    if (char === undefined) break;
    const number = matchAt(NUMBER, source, at);
    const word = matchAt(WORD, source, at);
    const regexp = char === "/" && isValueNext(tokens.at(-1)) ? matchAt(REGEXP, source, at) : undefined;
    if (number !== undefined) push("number", number);
    else if (word !== undefined) push("word", word);
    else if (regexp !== undefined) push("regexp", regexp);
    else if (char === '"' || char === "'") push("string", endOfString(source, at));
    else if (char === "`") {
      push("sign", at + 1);
      templateText();
    } else {
      if (char === "{") open.push(false);
      const endsHole = char === "}" && open.pop() === true;
      push("sign", at + (SIGNS.find((sign) => source.startsWith(sign, at))?.length ?? 1));
      if (endsHole) templateText();
    }
  }
  return tokens;
}

/** Index of the sign that closes the bracket at `opening`. */
export function closingOf(tokens: readonly Token[], opening: number): number {
  let depth = 0;
  for (let index = opening; index < tokens.length; index++) {
    const { kind, text } = tokens[index] ?? { kind: "sign", text: "" };
    if (kind !== "sign") continue;
    if (text === "(" || text === "[" || text === "{" || text === "${") depth++;
    if (text === ")" || text === "]" || text === "}") depth--;
    if (depth === 0) return index;
  }
  return tokens.length - 1;
}

function matchAt(shape: RegExp, source: string, at: number): number | undefined {
  shape.lastIndex = at;
  return shape.test(source) ? shape.lastIndex : undefined;
}

function isValueNext(last: Token | undefined): boolean {
  if (last === undefined) return true;
  if (last.kind === "word") return BEFORE_VALUE.has(last.text);
  return last.kind === "sign" && ![")", "]", "}", "`"].includes(last.text);
}

function endOfString(source: string, at: number): number {
  let end = at + 1;
  while (end < source.length && source[end] !== source[at]) end += source[end] === "\\" ? 2 : 1;
  return end + 1;
}

function endOfTemplateText(source: string, at: number): number {
  let end = at;
  while (end < source.length && source[end] !== "`" && !source.startsWith("${", end)) {
    end += source[end] === "\\" ? 2 : 1;
  }
  return end;
}
