import { UNSAFE_CHARACTERS } from "../report/unsafe-characters.ts";
import { shorten } from "./limits.ts";

/** Foreign text as one line of at most `max` characters, of which each can be seen. */
export function visibleLine(text: string, max: number): string {
  return shorten(text.replace(UNSAFE_CHARACTERS, "\ufffd").replace(/\s+/g, " ").trim(), max);
}

/** The same with its lines, without the empty ones; empty when there is nothing to show. */
export function visibleLines(text: string, limits: { readonly max: number; readonly lines: number }): string {
  const lines = text
    .replace(UNSAFE_CHARACTERS, "\ufffd")
    .replace(/\t/g, "  ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const more = lines.length > limits.lines ? ["[…]"] : [];
  return shorten([...lines.slice(0, limits.lines), ...more].join("\n"), limits.max);
}
