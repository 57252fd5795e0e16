import { CUT, cleanText } from "../collect/clean-text.ts";
import { redact } from "../collect/redact.ts";

const MAX_WORDS = 200;

/** What a server said for itself, before it had to show who it is: one short line of it, clean like all text of hosts. */
export function serverWords(message: string): string {
  const clean = cleanText(Buffer.from(message), { maxLineLength: message.length });
  const line = redact(clean).replace(/\s+/g, " ").trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS).toWellFormed()}${CUT}` : line;
}
