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
  const visible = text.replace(UNSAFE, "\ufffd");
  return unicode ? visible : visible.replace(PUNCTUATION, asciiOf).replace(/[^\n\t\x20-\x7e]/gu, "?");
}

/** C0 but newline and tab, DEL, C1; zero-width, bidi and other invisible format characters. */
const UNSAFE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

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
