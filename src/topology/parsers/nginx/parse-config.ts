import type { SourceRef } from "../../target.ts";

/** One directive of an nginx configuration; `block` is present when it has braces. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly source: SourceRef;
  readonly block?: readonly Directive[];
}

export interface ParsedConfig {
  readonly directives: readonly Directive[];
  /** What is not well-formed, as plain sentences; the rest is parsed all the same. */
  readonly problems: readonly string[];
}

/** Deeper blocks are dropped: nginx itself allows a handful, and walkers of the tree must not run out of stack. */
const MAX_DEPTH = 32;

/**
 * Reads one nginx configuration file. Never throws: a missing brace or quote becomes a problem.
 * Source: nginx src/core/ngx_conf_file.c, ngx_conf_read_token.
 */
export function parseConfig(text: string, file: string): ParsedConfig {
  const problems: string[] = [];
  const root: Directive[] = [];
  const open: (Directive & { readonly block: Directive[] })[] = [];
  const scanner = createScanner(text);
  let words: string[] = [];
  let startLine = 1;
  let tooDeep = 0;
  for (let token = scanner.next(); token.kind !== "end"; token = scanner.next()) {
    if (token.kind === "word") {
      if (words.length === 0) startLine = token.line;
      words.push(token.text);
      continue;
    }
    const [name = "", ...args] = words;
    const source = { file, line: startLine };
    const around = open.at(-1)?.block ?? root;
    words = [];
    if (token.kind === ";") {
      if (name !== "" && tooDeep === 0) around.push({ name, args, source });
    } else if (token.kind === "{" && name.endsWith("_by_lua_block")) {
      scanner.skipLuaBlock();
    } else if (token.kind === "{") {
      if (open.length >= MAX_DEPTH) {
        tooDeep += 1;
        continue;
      }
      const opened = { name, args, source, block: [] };
      around.push(opened);
      open.push(opened);
    } else if (tooDeep > 0) {
      tooDeep -= 1;
    } else if (open.pop() === undefined && problems.length === 0) {
      problems.push(`${file}:${token.line} has a closing brace too many.`);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed)
    problems.push(`${file} ends before "${unclosed.name}" of line ${unclosed.source.line} is closed.`);
  return { directives: root, problems };
}

type Token =
  | { readonly kind: "word"; readonly text: string; readonly line: number }
  | { readonly kind: ";" | "{" | "}"; readonly line: number }
  | { readonly kind: "end" };

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  t: "\t",
  r: "\r",
  n: "\n",
};

function createScanner(text: string): { next(): Token; skipLuaBlock(): void } {
  let at = 0;
  let line = 1;

  function skipBlank(): void {
    for (; at < text.length; at += 1) {
      const character = text.charAt(at);
      if (character === "\n") line += 1;
      else if (character === "#") at = endOfLine(text, at) - 1;
      else if (character !== " " && character !== "\t" && character !== "\r") return;
    }
  }

  function readQuoted(quote: string): string {
    const parts: string[] = [];
    let from = at + 1;
    for (at += 1; at < text.length && text.charAt(at) !== quote; at += 1) {
      if (text.charAt(at) === "\n") line += 1;
      if (text.charAt(at) !== "\\") continue;
      parts.push(text.slice(from, at), readEscape(text.charAt(at + 1)));
      at += 1;
      from = at + 1;
    }
    parts.push(text.slice(from, at));
    at += 1;
    return parts.join("");
  }

  function readBare(): string {
    const parts: string[] = [];
    let from = at;
    for (; at < text.length; at += 1) {
      const character = text.charAt(at);
      if (character === "\\") {
        parts.push(text.slice(from, at), readEscape(text.charAt(at + 1)));
        at += 1;
        from = at + 1;
      } else if (character === "$" && text.charAt(at + 1) === "{") {
        at += 1;
      } else if (/[\s;{]/.test(character)) {
        break;
      }
    }
    parts.push(text.slice(from, Math.min(at, text.length)));
    return parts.join("");
  }

  return {
    next() {
      skipBlank();
      const character = text.charAt(at);
      if (character === "") return { kind: "end" };
      if (character === ";" || character === "{" || character === "}") {
        at += 1;
        return { kind: character, line };
      }
      const startLine = line;
      const word = character === '"' || character === "'" ? readQuoted(character) : readBare();
      return { kind: "word", text: word, line: startLine };
    },
    skipLuaBlock() {
      const end = endOfLuaBlock(text, at);
      for (let next = text.indexOf("\n", at); next >= 0 && next < end; next = text.indexOf("\n", next + 1))
        line += 1;
      at = end;
    },
  };
}

/** nginx keeps an unknown escape as it is: `\.` of a regular expression stays `\.`. */
function readEscape(character: string): string {
  return ESCAPES[character] ?? `\\${character}`;
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return newline < 0 ? text.length : newline;
}

/** Index after the brace that closes a Lua block; braces in Lua strings and comments do not count. */
function endOfLuaBlock(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "{") depth += 1;
    else if (character === "}") depth -= 1;
    else if (character === '"' || character === "'") {
      for (at += 1; at < text.length && text.charAt(at) !== character && text.charAt(at) !== "\n"; at += 1) {
        if (text.charAt(at) === "\\") at += 1;
      }
    } else if (text.startsWith("[[", at)) {
      const close = text.indexOf("]]", at);
      at = close < 0 ? text.length : close + 1;
    } else if (text.startsWith("--", at)) at = endOfLine(text, at) - 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
