import type { LineDetails, LogClock, LogGrammar } from "./parser.ts";
import { present } from "./present.ts";

/** A line of the journal taken apart. */
export interface JournalLine {
  /** Epoch ms. */
  readonly atMs: number;
  /** Who wrote it: `systemd`, `kernel`, a program or its tag. */
  readonly ident: string;
  readonly pid?: number;
  readonly message: string;
}

/**
 * `journalctl -o short-unix --no-hostname`: `<epoch>.<usec> ident[pid]: message`. Lines without a time (indented
 * continuations, `-- Boot …`) belong to the one before. Source: systemd src/shared/logs-show.c.
 */
export const journalGrammar: LogGrammar = {
  messageStart(text, start, end) {
    const ident = endOfEpoch(text, start, end);
    return ident < 0 ? -1 : endOfIdent(text, ident, end);
  },
  details(line): LineDetails {
    const journal = splitJournalLine(line);
    return journal === undefined
      ? {}
      : present({ at: new Date(journal.atMs).toISOString(), pid: journal.pid });
  },
};

/** Undefined for a line that the journal did not begin. */
export function splitJournalLine(line: string): JournalLine | undefined {
  const identStart = endOfEpoch(line, 0, line.length);
  const messageStart = identStart < 0 ? -1 : endOfIdent(line, identStart, line.length);
  if (messageStart < 0) return undefined;
  const tag = line.slice(identStart, line.lastIndexOf(":", messageStart - 1));
  const bracket = tag.endsWith("]") ? tag.lastIndexOf("[") : -1;
  const pid = bracket < 0 ? Number.NaN : Number.parseInt(tag.slice(bracket + 1), 10);
  return present({
    atMs: Math.round(Number(line.slice(0, identStart - 1)) * 1000),
    ident: bracket < 0 ? tag : tag.slice(0, bracket),
    pid: Number.isSafeInteger(pid) ? pid : undefined,
    message: line.slice(messageStart),
  });
}

/** `2026-11-20T03:12:09.120Z`, `2026-11-20 03:12:09,120 +0100`, with or without brackets around it. */
export const isoGrammar: LogGrammar = {
  messageStart(text, start, end) {
    const after = endOfIsoTime(text, start, end);
    return after < 0 ? -1 : skipToMessage(text, after, end);
  },
  details(line, clock): LineDetails {
    return present({ at: isoTimeOf(line, clock) });
  },
};

/** Every line is a message, after a date where it begins with one. */
export const plainGrammar: LogGrammar = {
  messageStart: (text, start, end) => Math.max(start, isoGrammar.messageStart(text, start, end)),
  details: isoGrammar.details,
};

/** The host's local time unless the line says its zone; undefined when the line begins with no date. */
export function isoTimeOf(line: string, { utcOffsetMinutes }: LogClock): string | undefined {
  const after = endOfIsoTime(line, 0, line.length);
  if (after < 0) return undefined;
  const stamp = ISO_PARTS.exec(line.slice(0, after));
  if (stamp === null) return undefined;
  const [, day, clock, fraction = "", zone] = stamp;
  const ms = Date.parse(`${day}T${clock}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  const offset = zone === undefined ? utcOffsetMinutes : zoneMinutes(zone);
  const utc = ms - offset * 60_000;
  return Number.isFinite(utc) ? new Date(utc).toISOString() : undefined;
}

const ISO_PARTS =
  /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?/;
/** `d` stands for a digit; the blank may be a `T`. */
const DATE = "dddd-dd-dd dd:dd:dd";

function endOfIsoTime(text: string, start: number, end: number): number {
  const first = text.charCodeAt(start) === OPEN_BRACKET ? start + 1 : start;
  if (first + DATE.length > end) return -1;
  for (let offset = 0; offset < DATE.length; offset += 1) {
    const wanted = DATE.charCodeAt(offset);
    const seen = text.charCodeAt(first + offset);
    const fits =
      wanted === LETTER_D ? isDigit(seen) : seen === wanted || (wanted === SPACE && seen === LETTER_T);
    if (!fits) return -1;
  }
  let at = first + DATE.length;
  if (text.charCodeAt(at) === DOT || text.charCodeAt(at) === COMMA) at = endOfDigits(text, at + 1, end);
  return endOfZone(text, at, end);
}

/** After `Z`, `UTC`, `+0100` or ` +01:00`; where it began when there is none. */
function endOfZone(text: string, start: number, end: number): number {
  const at = text.charCodeAt(start) === SPACE ? start + 1 : start;
  if (text.charCodeAt(at) === 0x5a) return at + 1;
  if (text.startsWith("UTC", at) || text.startsWith("GMT", at)) return at + 3;
  const sign = text.charCodeAt(at);
  if (sign !== PLUS && sign !== DASH) return start;
  const hours = endOfDigits(text, at + 1, end);
  if (hours - at === 5) return hours;
  if (hours - at !== 3 || text.charCodeAt(hours) !== COLON) return start;
  const minutes = endOfDigits(text, hours + 1, end);
  return minutes - hours === 3 ? minutes : start;
}

function endOfDigits(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

/** After the time: closing bracket and blanks. */
function skipToMessage(text: string, after: number, end: number): number {
  let at = text.charCodeAt(after) === CLOSE_BRACKET ? after + 1 : after;
  while (at < end && text.charCodeAt(at) === SPACE) at += 1;
  return at;
}

/** `+0530`, `+05:30`, `Z` → minutes. */
function zoneMinutes(zone: string): number {
  if (zone.length < 5) return 0;
  const digits = zone.replace(":", "");
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return digits.startsWith("-") ? -minutes : minutes;
}

const SPACE = 0x20;
const PLUS = 0x2b;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LETTER_T = 0x54;
const LETTER_D = 0x64;
const LONGEST_IDENT = 200;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Index after `1763608329.123456 `; -1 when the line begins otherwise. */
function endOfEpoch(text: string, start: number, end: number): number {
  const dot = endOfDigits(text, start, end);
  // nine digits end in 2001, eleven begin in 2286
  if (dot - start !== 10 || text.charCodeAt(dot) !== DOT) return -1;
  const at = endOfDigits(text, dot + 1, end);
  return text.charCodeAt(at) === SPACE && at < end ? at + 1 : -1;
}

/** Index after `ident[pid]: `. */
function endOfIdent(text: string, start: number, end: number): number {
  const limit = Math.min(end - 1, start + LONGEST_IDENT);
  for (let at = start; at < limit; at += 1) {
    if (text.charCodeAt(at) === COLON && text.charCodeAt(at + 1) === SPACE) return at + 2;
  }
  // an empty message loses its last blank
  return text.charCodeAt(end - 1) === COLON && end - start <= LONGEST_IDENT ? end : -1;
}
