import { shorten } from "../limits.ts";

/** Characters that hide, reorder or overwrite others, lone surrogates, and all controls but newline and tab. */
const UNSAFE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;
const ACTIVE = /[\\`*_~|<>[\]]/g;
/** What makes a list, a heading or small print of a line. */
const AT_START = /^(\s*)([-+#>]|\d+(?=\.))/;

/**
 * Foreign text as one line of Discord's Markdown that is drawn as it stands: nobody mentioned, nothing linked, nothing formatted. At most
 * `max` characters before escaping. Source: Discord, "Message Formatting".
 */
export function escapeMarkdown(text: string, max: number): string {
  const line = shorten(text.replace(UNSAFE, "\ufffd").replace(/\s+/g, " ").trim(), max);
  return (
    line
      .replace(ACTIVE, "\\$&")
      // an address is linked by what follows the colon
      .replace(/:(?=\/)/g, "\\:")
      // "everyone" is looked for in the raw text, where a backslash does not count
      .replaceAll("@", "@\u200b")
      .replace(AT_START, (_, space: string, mark: string) =>
        /\d/.test(mark) ? `${space}${mark}\u200b` : `${space}\\${mark}`,
      )
  );
}

/** Foreign text as a code block that only we close; undefined when there is nothing to show. */
export function fence(
  text: string,
  limits: { readonly max: number; readonly lines: number },
): string | undefined {
  const clean = text.replace(UNSAFE, "\ufffd").replace(/\t/g, "  ");
  const lines = clean.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return undefined;
  const shown = lines.slice(0, limits.lines).join("\n") + (lines.length > limits.lines ? "\n[…]" : "");
  // a backtick that never meets a second one cannot close the block
  const body = shorten(shown, limits.max).replaceAll("``", "`\u200b`").replaceAll("``", "`\u200b`");
  return `\`\`\`\n${body}\n\`\`\``;
}
