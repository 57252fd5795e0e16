import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { present } from "../../present.ts";
import { stampTime } from "../common/log-time.ts";

/**
 * `20-Nov-2026 03:12:09.120 SEVERE [main] org.apache.Class.method Message`, local time. What the application prints
 * stands between, without a time; stack frames are indented. Source: org.apache.juli.OneLineFormatter.
 */
export const errorLog: LogGrammar = { messageStart, details };

const STAMP =
  /^(?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)\.(?<ms>\d{3}) (?<level>[A-Z]{4,10}) \[/;
const STAMP_CHARS = "20-Nov-2026 03:12:09.120 ".length;
const LONGEST_HEADER = 400;

function messageStart(text: string, start: number, end: number): number {
  const first = text.charAt(start);
  if (first === "\t" || first === " ") return -1;
  if (!looksStamped(text, start, end)) return start;
  const thread = text.indexOf("] ", start + STAMP_CHARS);
  if (thread < 0 || thread >= end || thread - start > LONGEST_HEADER) return start;
  const source = text.indexOf(" ", thread + 2);
  return source < 0 || source >= end ? thread + 2 : source + 1;
}

function looksStamped(text: string, start: number, end: number): boolean {
  return (
    start + STAMP_CHARS < end &&
    text.charAt(start + 2) === "-" &&
    text.charAt(start + 6) === "-" &&
    text.charAt(start + 14) === ":" &&
    text.charAt(start + 20) === "."
  );
}

function details(line: string, clock: LogClock): LineDetails {
  const groups = STAMP.exec(line)?.groups;
  return present({ at: stampTime(groups, clock.utcOffsetMinutes), level: groups?.level?.toLowerCase() });
}
