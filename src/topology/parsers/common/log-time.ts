import type { LogClock } from "../../parser.ts";

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** Month number 0–11 of an English three-letter name; -1 when it is none. */
export function monthIndex(name: string): number {
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

const CLF_TIME =
  /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?: ([+-])(\d\d)(\d\d))?$/;

/** `20/Nov/2026:03:12:09 +0100` (Common Log Format) or, without a zone, the same in the host's local time. */
export function clfTime(text: string, clock: LogClock): string | undefined {
  const found = CLF_TIME.exec(text);
  if (!found) return undefined;
  const [, day, month = "", year, hour, minute, second, ms, sign, zoneHours, zoneMinutes] = found;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -1 : 1);
  return localTime(
    {
      year: Number(year),
      month: monthIndex(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      ms: Number(ms ?? 0),
    },
    sign === undefined ? clock.utcOffsetMinutes : zone,
  );
}
