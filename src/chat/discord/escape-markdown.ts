import { visibleLine, visibleLines } from "../visible-text.ts";

/** What begins or ends markup wherever it stands. */
const ACTIVE = /[\\`*_~|<>[\]]/g;
/** What makes a list, a heading, a quote or small print of a line. */
const MARK_AT_START = /^(?=[-+#])/;
const NUMBER_AT_START = /^\d+(?=\.)/;

/**
 * Foreign text as one line of Discord's Markdown that is drawn as it stands: nobody mentioned, nothing linked, nothing formatted. At most
 * `max` characters before escaping. Source: Discord, "Message Formatting".
 */
export function escapeMarkdown(text: string, max: number): string {
  return (
    visibleLine(text, max)
      .replace(ACTIVE, "\\$&")
      // an address is linked by what follows its colon
      .replace(/:(?=\/)/g, "\\:")
      // "everyone" is looked for in the raw text, where a backslash does not count
      .replaceAll("@", "@\u200b")
      .replace(MARK_AT_START, "\\")
      .replace(NUMBER_AT_START, "$&\\")
  );
}

/** Foreign text as a code block that only we close; undefined when there is nothing to show. */
export function fence(
  text: string,
  limits: { readonly max: number; readonly lines: number },
): string | undefined {
  const lines = visibleLines(text, limits);
  if (lines === "") return undefined;
  // backticks that never stand side by side cannot close the block
  return `\`\`\`\n${lines.replace(/`(?=`)/g, "`\u200b")}\n\`\`\``;
}
