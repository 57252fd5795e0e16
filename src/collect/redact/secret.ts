/** A part of a text that must not be shown: [start, end). */
export interface Secret {
  readonly start: number;
  readonly end: number;
  /** Shown in its place, as `[redacted:kind]`. */
  readonly kind: string;
}

/** A text twice, so that each finder need not lower-case it again; both have the same length. */
export interface Searched {
  readonly text: string;
  readonly lower: string;
}

/** Finds secrets of one idea. Each looks for literals first, so that a text without them costs almost nothing. */
export type SecretFinder = (searched: Searched) => Secret[];

/** Every position of a literal. */
export function* positionsOf(text: string, literal: string): Generator<number> {
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length)) yield at;
}

/** Which characters a run may hold, by code below 128. */
export function charsOf(members: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const char of members) table[char.charCodeAt(0)] = 1;
  return table;
}

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const LETTERS = LOWER + LOWER.toUpperCase();

export const ALPHANUMERIC = charsOf(LETTERS + DIGITS);
export const WORD = charsOf(`${LETTERS}${DIGITS}_`);
/** base64url, and what tokens are commonly made of. */
export const TOKEN = charsOf(`${LETTERS}${DIGITS}_-`);
export const DOTTED_TOKEN = charsOf(`${LETTERS}${DIGITS}_-.`);
export const BASE64 = charsOf(`${LETTERS}${DIGITS}+/=_-`);
export const BLANK = charsOf(" \t");

/** Index behind the run of `chars` that starts at `from`; at most `most` characters on. */
export function endOfRun(text: string, from: number, chars: Uint8Array, most = text.length): number {
  let index = from;
  const last = Math.min(text.length, from + most);
  while (index < last && chars[text.charCodeAt(index)] === 1) index++;
  return index;
}

/** Index of the first of `ends` from `from` on, else of the text's end. */
export function endBefore(text: string, from: number, ends: Uint8Array): number {
  let index = from;
  while (index < text.length && ends[text.charCodeAt(index)] !== 1) index++;
  return index;
}

/** Index of the first character of the run of `chars` that ends before `to`; at most `most` characters back. */
export function startOfRun(text: string, to: number, chars: Uint8Array, most = 100): number {
  let index = to;
  const first = Math.max(0, to - most);
  while (index > first && chars[text.charCodeAt(index - 1)] === 1) index--;
  return index;
}

/** Index of the newline that ends the line of `at`, or of the text's end. */
export function endOfLine(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline;
}

/** What stands before `at` on its line, at most 300 characters of it: however long the line, this is cheap. */
export function beforeOnLine(text: string, at: number): string {
  const near = text.slice(Math.max(0, at - 300), at);
  return near.slice(near.lastIndexOf("\n") + 1);
}

/** Leaves out what starts within an earlier one, so that no text is walked twice. */
export function* outsideOf(positions: Iterable<number>, found: readonly Secret[]): Generator<number> {
  for (const at of positions) {
    const last = found.at(-1);
    if (last === undefined || at >= last.end) yield at;
  }
}

/** What stands within the quotes of `["a"]` or `["a", "b"]`, all of it at once, so that a document stays one. */
export function insideOfList(text: string, at: number): { start: number; end: number } | undefined {
  const quote = text[at + 1];
  if (text[at] !== "[" || (quote !== '"' && quote !== "'")) return undefined;
  const start = at + 2;
  const line = text.slice(start, endOfLine(text, start));
  const ends = [`${quote}]`, `${quote} ]`].map((mark) => line.indexOf(mark)).filter((end) => end >= 0);
  return { start, end: start + Math.min(line.length, ...ends) };
}
