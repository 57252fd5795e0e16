import { shorten } from "./limits.ts";

/** Characters that hide, reorder or overwrite others, lone surrogates, and all controls but newline and tab. */
const UNSAFE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;

/** Foreign text as one line of at most `max` characters, of which each can be seen. */
export function visibleLine(text: string, max: number): string {
  return shorten(text.replace(UNSAFE, "\ufffd").replace(/\s+/g, " ").trim(), max);
}

/** The same with its lines, without the empty ones; empty when there is nothing to show. */
export function visibleLines(text: string, limits: { readonly max: number; readonly lines: number }): string {
  const lines = text
    .replace(UNSAFE, "\ufffd")
    .replace(/\t/g, "  ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const more = lines.length > limits.lines ? ["[…]"] : [];
  return shorten([...lines.slice(0, limits.lines), ...more].join("\n"), limits.max);
}
