import { endOfLine, type Secret } from "./secret.ts";

/** Where terminals, mail and encoders break a line. */
const WIDTHS = new Set([64, 72, 76, 80, 100, 120, 132]);
/** Lines that begin with the same characters are records of their own. */
const ALIKE = 3;
/** So is what begins with a date. */
const DATED = /^(?:[[<"]?[0-9]{4}[-/][0-9]{2}|[A-Z][a-z]{2} [ 0-9][0-9] )/;
/** And what begins, like the line before, with the name of its value. */
const NAMED = /^[A-Za-z][\w.-]{0,60}(?:=[^=]|: )/;

/**
 * Secrets that a break goes through which was put in because the line was full; `find` looks into such lines made one again. The breaks
 * themselves stay.
 */
export function findWrapped(text: string, find: (line: string) => readonly Secret[]): Secret[] {
  const secrets: Secret[] = [];
  for (let start = 0; start < text.length; ) {
    const width = endOfLine(text, start) - start;
    const parts = WIDTHS.has(width) ? wrappedAt(text, start, width) : [text.slice(start, start + width)];
    if (parts.length > 1) {
      for (const secret of find(parts.join(""))) secrets.push(...brokenAt(secret, start, width));
    }
    start += parts.reduce((sum, part) => sum + part.length + 1, 0);
  }
  return secrets;
}

/** The full lines from `start` on, and the one that ends them. */
function wrappedAt(text: string, start: number, width: number): readonly string[] {
  const first = text.slice(start, start + width);
  const parts = [first];
  for (let at = start + width + 1; at < text.length; at += width + 1) {
    const part = text.slice(at, Math.min(endOfLine(text, at), at + width + 1));
    if (part.length > width || isRecordAfter(first, part)) break;
    parts.push(part);
    if (part.length < width) break;
  }
  return parts;
}

function isRecordAfter(first: string, line: string): boolean {
  return (
    line.startsWith(first.slice(0, ALIKE)) || DATED.test(line) || (NAMED.test(first) && NAMED.test(line))
  );
}

/** A secret of the one line → its parts on the lines that begin at `start`; none where it is on one of them alone. */
function brokenAt({ start: from, end: to, kind }: Secret, start: number, width: number): Secret[] {
  const first = Math.floor(from / width);
  const last = Math.floor((to - 1) / width);
  if (first >= last) return [];
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const line = first + index;
    const lineStart = start + line * (width + 1);
    return {
      start: lineStart + Math.max(0, from - line * width),
      end: lineStart + Math.min(width, to - line * width),
      kind,
    };
  });
}
