import { isoTimeOf } from "../../log-grammars.ts";
import type { LogClock } from "../../parser.ts";
import { localTime, monthIndex } from "./log-time.ts";

const DAY_MS = 86_400_000;

/** Time of a syslog line: ISO 8601, or `Nov 20 03:12:09` whose year is the last one that does not lie ahead. */
export function syslogTime(line: string, clock: LogClock): string | undefined {
  const found = /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /.exec(line.slice(0, 21));
  if (!found) return isoTimeOf(line, clock);
  const [, month = "", day, hour, minute, second] = found;
  const thisYear = new Date(clock.nowMs).getUTCFullYear();
  const inYear = (year: number) =>
    localTime(
      {
        year,
        month: monthIndex(month),
        day: Number(day),
        hour: Number(hour),
        minute: Number(minute),
        second: Number(second),
      },
      clock.utcOffsetMinutes,
    );
  const guess = inYear(thisYear);
  return guess !== undefined && Date.parse(guess) > clock.nowMs + DAY_MS ? inYear(thisYear - 1) : guess;
}
