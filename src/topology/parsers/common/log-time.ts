import type { LogClock } from "../../parser.ts";

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** Month number 0–11 of an English three-letter name; -1 when it is none. */
function monthIndex(name: string): number {
  const at = name.length === 3 ? MONTHS.indexOf(name) : -1;
  return at % 3 === 0 ? at / 3 : -1;
}

/** A host's local date and time as ISO-8601 UTC; undefined when a part is out of range. */
export function localTime(
  parts: {
    readonly year: number;
    readonly month: number;
    readonly day: number;
    readonly hour: number;
    readonly minute: number;
    readonly second: number;
    readonly ms?: number;
  },
  utcOffsetMinutes: number,
): string | undefined {
  const inRange =
    parts.year >= 1970 &&
    parts.year <= 9999 &&
    parts.month >= 0 &&
    parts.month < 12 &&
    parts.day >= 1 &&
    parts.day <= 31 &&
    parts.hour < 24 &&
    parts.minute < 60 &&
    parts.second <= 60;
  if (!inRange) return undefined;
  const utc = Date.UTC(
    parts.year,
    parts.month,
    parts.day,
    parts.hour,
    parts.minute,
    parts.second,
    parts.ms ?? 0,
  );
  const shifted = utc - utcOffsetMinutes * 60_000;
  return Number.isFinite(shifted) ? new Date(shifted).toISOString() : undefined;
}

/**
 * The time in the named groups of an expression: `year`, `month` (a number, or an English three-letter name), `day`, `hour`,
 * `minute`, `second`, and `ms` as the digits after the point, if there are any.
 */
export function stampTime(
  groups: Readonly<Record<string, string | undefined>> | undefined,
  utcOffsetMinutes: number,
): string | undefined {
  if (groups === undefined) return undefined;
  const { month = "", ms = "" } = groups;
  const number = (name: string) => Number(groups[name]);
  return localTime(
    {
      year: number("year"),
      month: /^\d/.test(month) ? Number(month) - 1 : monthIndex(month),
      day: number("day"),
      hour: number("hour"),
      minute: number("minute"),
      second: number("second"),
      ms: Number(ms.padEnd(3, "0").slice(0, 3)),
    },
    utcOffsetMinutes,
  );
}

const CLF_TIME =
  /^(?<day>\d\d)\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{4}):(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<ms>\d{3}))?(?: (?<sign>[+-])(?<zoneHours>\d\d)(?<zoneMinutes>\d\d))?$/;

/** `20/Nov/2026:03:12:09 +0100` (Common Log Format) or, without a zone, the same in the host's local time. */
export function clfTime(text: string, clock: LogClock): string | undefined {
  const groups = CLF_TIME.exec(text)?.groups;
  const { sign, zoneHours, zoneMinutes } = groups ?? {};
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -1 : 1);
  return stampTime(groups, sign === undefined ? clock.utcOffsetMinutes : zone);
}
