import { isoTimeOf } from "../../log-grammars.ts";
import type { LogClock } from "../../parser.ts";
import { stampTime } from "./log-time.ts";

const DAY_MS = 86_400_000;
const STAMP =
  /^(?:<\d{1,3}>)?(?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) /;

/** Time of a syslog line: ISO 8601, or `Nov 20 03:12:09` whose year is the last one that does not lie ahead. */
export function syslogTime(line: string, clock: LogClock): string | undefined {
  const groups = STAMP.exec(line.slice(0, 21))?.groups;
  if (groups === undefined) return isoTimeOf(line, clock);
  const thisYear = new Date(clock.nowMs).getUTCFullYear();
  const inYear = (year: number) => stampTime({ ...groups, year: String(year) }, clock.utcOffsetMinutes);
  const guess = inYear(thisYear);
  return guess !== undefined && Date.parse(guess) > clock.nowMs + DAY_MS ? inYear(thisYear - 1) : guess;
}
