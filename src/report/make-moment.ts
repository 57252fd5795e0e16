import type { Moment } from "./report.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Says when something was, seen from `now`; both ISO-8601 UTC. */
export function makeMoment(at: string, now: string): Moment {
  const sameDay = at.slice(0, 10) === now.slice(0, 10);
  const clock = `${sameDay ? "" : `${at.slice(0, 10)} `}${at.slice(11, 19)} UTC`;
  return { at, clock, ago: sayAge(Date.parse(now) - Date.parse(at)) };
}

function sayAge(ageMs: number): string {
  // Lines that our own requests caused are younger than the start of the diagnosis.
  if (ageMs < 0) return "during this look";
  if (ageMs < 2 * SECOND) return "just now";
  if (ageMs < 2 * MINUTE) return `${Math.round(ageMs / SECOND)} s ago`;
  if (ageMs < 2 * HOUR) return `${Math.round(ageMs / MINUTE)} min ago`;
  if (ageMs < 2 * DAY) return `${Math.round(ageMs / HOUR)} h ago`;
  return `${Math.round(ageMs / DAY)} days ago`;
}
