import type { SourceRef } from "../../target.ts";

/** One line of a section, split into words. */
export interface Line {
  readonly words: readonly string[];
  readonly source: SourceRef;
}

export interface Section {
  /** `global`, `defaults`, `frontend`, `backend`, `listen`, `resolvers`, … */
  readonly kind: string;
  readonly name: string;
  readonly source: SourceRef;
  readonly lines: readonly Line[];
  /** The `defaults` section in force for a frontend, backend or listen. */
  readonly defaults?: Section;
}

const KINDS: ReadonlySet<string> = new Set([
  "global",
  "defaults",
  "frontend",
  "backend",
  "listen",
  "resolvers",
  "userlist",
  "peers",
  "mailers",
  "cache",
  "program",
  "http-errors",
  "ring",
  "log-forward",
  "fcgi-app",
  "crt-store",
  "traces",
]);

const INHERITING: ReadonlySet<string> = new Set(["frontend", "backend", "listen"]);

/** Sections of configuration files in the order HAProxy reads them. Source: doc/configuration.txt 2.1, 2.2 and 4. */
export function parseConfig(files: readonly { readonly path: string; readonly text: string }[]): Section[] {
  const sections: Section[] = [];
  const namedDefaults = new Map<string, Section>();
  let defaults: Section | undefined;
  let lines: Line[] = [];
  for (const { path, text } of files) {
    let number = 0;
    for (const row of text.split("\n")) {
      number += 1;
      const words = splitWords(row);
      const [kind = ""] = words;
      const source = { file: path, line: number };
      if (!KINDS.has(kind)) {
        if (kind !== "") lines.push({ words, source });
        continue;
      }
      lines = [];
      const from = words.indexOf("from");
      const parent = from < 0 ? defaults : namedDefaults.get(words[from + 1] ?? "");
      const name = from === 1 ? "" : (words[1] ?? "");
      const inherits = INHERITING.has(kind) || (kind === "defaults" && from >= 0);
      const section = { kind, name, source, lines, ...(inherits && parent && { defaults: parent }) };
      sections.push(section);
      if (kind !== "defaults") continue;
      defaults = section;
      namedDefaults.set(name, section);
    }
  }
  return sections;
}

/** Words of a line: blanks separate, quotes and backslashes protect, `#` begins a comment. */
function splitWords(row: string): string[] {
  const words: string[] = [];
  let word = "";
  let isOpen = false;
  for (let at = 0; at < row.length; at += 1) {
    const character = row.charAt(at);
    if (character === "#") break;
    if (character === " " || character === "\t" || character === "\r") {
      if (isOpen) words.push(word);
      word = "";
      isOpen = false;
      continue;
    }
    isOpen = true;
    if (character === "\\") {
      at += 1;
      word += row.charAt(at);
    } else if (character === "'" || character === '"') {
      const close = closingQuote(row, at, character);
      word += row.slice(at + 1, close);
      at = close;
    } else {
      word += character;
    }
  }
  if (isOpen) words.push(word);
  return words;
}

function closingQuote(row: string, from: number, quote: string): number {
  for (let at = from + 1; at < row.length; at += 1) {
    if (quote === '"' && row.charAt(at) === "\\") at += 1;
    else if (row.charAt(at) === quote) return at;
  }
  return row.length;
}

/** Longest chain of `defaults … from …` that is followed. */
const MAX_DEFAULTS = 16;

/** The lines of a section that begin with these words; those of its defaults when it has none of its own. */
export function linesOf(section: Section, ...begin: readonly string[]): readonly Line[] {
  let current: Section | undefined = section;
  for (let depth = 0; current && depth < MAX_DEFAULTS; depth += 1) {
    const found = current.lines.filter(({ words }) => begin.every((word, index) => words[index] === word));
    if (found.length > 0) return found;
    current = current.defaults;
  }
  return [];
}

/** The word after these, from the last such line in force. */
export function settingOf(section: Section, ...begin: readonly string[]): string | undefined {
  return linesOf(section, ...begin).at(-1)?.words[begin.length];
}

/** HAProxy times: milliseconds unless a unit says otherwise. */
export function durationMs(text: string | undefined): number | undefined {
  const found = /^(\d{1,12})(us|ms|s|m|h|d)?$/.exec(text ?? "");
  if (!found) return undefined;
  const factor = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[found[2] ?? "ms"] ?? 1;
  return Number(found[1]) * factor;
}
