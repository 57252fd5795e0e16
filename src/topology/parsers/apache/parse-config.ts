import type { SourceRef } from "../../target.ts";

/** One directive; `block` is present for a section. Names are lower case, as Apache ignores their case. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly source: SourceRef;
  readonly block?: readonly Directive[];
}

type OpenSection = Directive & { readonly block: Directive[] };

/** Deeper sections are dropped, so that walkers of the tree never run out of stack. */
const MAX_DEPTH = 24;

/**
 * Reads one Apache configuration file. Never throws: what is not closed ends with the file.
 * Source: httpd server/config.c (ap_build_config), server/util.c (ap_getword_conf).
 */
export function parseConfig(text: string, file: string): readonly Directive[] {
  const root: Directive[] = [];
  const open: OpenSection[] = [];
  let tooDeep = 0;
  for (const { row, line } of logicalLines(text)) {
    const trimmed = row.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    if (trimmed.startsWith("</")) {
      if (tooDeep > 0) tooDeep -= 1;
      else open.pop();
      continue;
    }
    const isSection = trimmed.startsWith("<");
    const words = splitWords(isSection ? trimmed.slice(1).replace(/>$/, "") : trimmed);
    const [name = "", ...args] = words;
    const around = open.at(-1)?.block ?? root;
    const directive = { name: name.toLowerCase(), args, source: { file, line } };
    if (!isSection) {
      if (tooDeep === 0) around.push(directive);
    } else if (open.length >= MAX_DEPTH) {
      tooDeep += 1;
    } else {
      const section = { ...directive, block: [] };
      around.push(section);
      open.push(section);
    }
  }
  return root;
}

/** Lines with those joined that end in a backslash; `line` is where they begin. */
function* logicalLines(text: string): Generator<{ readonly row: string; readonly line: number }> {
  let parts: string[] = [];
  let line = 0;
  let begun = 1;
  for (const row of text.split("\n")) {
    line += 1;
    if (parts.length === 0) begun = line;
    const isContinued = row.endsWith("\\");
    parts.push(isContinued ? row.slice(0, -1) : row);
    if (isContinued) continue;
    yield { row: parts.join(""), line: begun };
    parts = [];
  }
  if (parts.length > 0) yield { row: parts.join(""), line: begun };
}

function splitWords(row: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < row.length) {
    const character = row.charAt(at);
    if (isBlank(character)) {
      at += 1;
      continue;
    }
    const isQuoted = character === '"' || character === "'";
    const start = isQuoted ? at + 1 : at;
    at = start;
    let hasEscapes = false;
    while (at < row.length && (isQuoted ? row.charAt(at) !== character : !isBlank(row.charAt(at)))) {
      const escaped = row.charAt(at) === "\\" ? row.charAt(at + 1) : "";
      const isEscape = escaped === "\\" || (isQuoted && escaped === character);
      hasEscapes ||= isEscape;
      at += isEscape ? 2 : 1;
    }
    const word = row.slice(start, at);
    words.push(hasEscapes ? unescapeWord(word, isQuoted ? character : "") : word);
    at += 1;
  }
  return words;
}

/** `\"` becomes `"` inside quotes and `\\` becomes `\`; any other backslash stays, as regular expressions need it. */
function unescapeWord(word: string, quote: string): string {
  return word.replace(/\\(.)/g, (pair, character: string) =>
    character === "\\" || character === quote ? character : pair,
  );
}

function isBlank(character: string): boolean {
  return character === " " || character === "\t" || character === "\r";
}
