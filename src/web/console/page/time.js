import { el } from "./dom.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A card stands for hours. */
const COUNT_EVERY_MS = 30 * SECOND;

/** When something was, in UTC as the log lines around it, and how long ago that is while it is read. */
export function time({ at, clock, ago }) {
  const data = Number.isNaN(Date.parse(at)) ? {} : { clock };
  const shown = el("time", { datetime: at, title: at, data }, `${clock}, ${ago}`);
  count(shown);
  return shown;
}

setInterval(() => document.querySelectorAll("time").forEach(count), COUNT_EVERY_MS);

function count(shown) {
  const { clock } = shown.dataset;
  if (clock !== undefined) shown.textContent = `${clock}, ${sayAge(Date.now() - Date.parse(shown.dateTime))}`;
}

/** In the words of the report. */
function sayAge(ageMs) {
  if (ageMs < 2 * SECOND) return "just now";
  if (ageMs < 2 * MINUTE) return `${Math.round(ageMs / SECOND)} s ago`;
  if (ageMs < 2 * HOUR) return `${Math.round(ageMs / MINUTE)} min ago`;
  if (ageMs < 2 * DAY) return `${Math.round(ageMs / HOUR)} h ago`;
  return `${Math.round(ageMs / DAY)} days ago`;
}
