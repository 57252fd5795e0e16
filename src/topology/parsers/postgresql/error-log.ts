import { isoTimeOf } from "../../log-grammars.ts";
import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { present } from "../../present.ts";

/**
 * `2026-11-20 03:12:09.120 UTC [1234] shop@shop FATAL:  sorry, too many clients already`: whatever log_line_prefix puts
 * first, the level ends in a colon and two blanks. Source: postgresql.org runtime-config-logging.
 */
export const errorLog: LogGrammar = { messageStart, details };

const LEVELS = new Set([
  "PANIC",
  "FATAL",
  "ERROR",
  "WARNING",
  "NOTICE",
  "INFO",
  "LOG",
  "DETAIL",
  "HINT",
  "CONTEXT",
  "STATEMENT",
]);
const LONGEST_PREFIX = 300;

function messageStart(text: string, start: number, end: number): number {
  if (text.charAt(start) === "\t") return -1;
  const colon = levelColon(text, start, end);
  return colon < 0 ? -1 : colon + 3;
}

function levelColon(text: string, start: number, end: number): number {
  const colon = text.indexOf(":  ", start);
  return colon < 0 || colon + 3 > Math.min(end, start + LONGEST_PREFIX) ? -1 : colon;
}

function details(line: string, clock: LogClock): LineDetails {
  const colon = levelColon(line, 0, line.length);
  const level = colon < 0 ? "" : line.slice(line.lastIndexOf(" ", colon) + 1, colon);
  const bracket = line.indexOf("[");
  const pid = bracket < 0 || bracket > colon ? Number.NaN : Number.parseInt(line.slice(bracket + 1), 10);
  return present({
    at: isoTimeOf(line, clock),
    level: LEVELS.has(level) ? level.toLowerCase() : undefined,
    pid: Number.isSafeInteger(pid) ? pid : undefined,
  });
}
