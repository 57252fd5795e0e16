import { UNSAFE_CHARACTERS } from "./unsafe-characters.ts";

/** What the terminal at hand can show. */
export interface TerminalStyle {
  /** Columns; the report uses 40 to 120 of them. */
  readonly width: number;
  /** False: plain ASCII only. */
  readonly unicode: boolean;
  readonly colours: boolean;
}

/**
 * Text that cannot move the cursor, set a title or reorder what is read: the last escaper before a terminal.
 * Evidence is cleaned when it is collected; a recorded incident from a stranger may not be.
 */
export function escapeForTerminal(text: string, { unicode }: Pick<TerminalStyle, "unicode">): string {
  const visible = text.replace(UNSAFE_CHARACTERS, "\ufffd");
  return unicode ? visible : visible.replace(PUNCTUATION, asciiOf).replace(/[^\n\t\x20-\x7e]/gu, "?");
}

const ASCII = new Map([
  ["…", "..."],
  ["–", "-"],
  ["—", "-"],
  ["·", "-"],
  ["→", "->"],
  ["‘", "'"],
  ["’", "'"],
  ["“", '"'],
  ["”", '"'],
  ["×", "x"],
  ["≥", ">="],
  ["≤", "<="],
]);
const PUNCTUATION = /[…–—·→‘’“”×≥≤]/gu;

function asciiOf(character: string): string {
  return ASCII.get(character) ?? "?";
}
