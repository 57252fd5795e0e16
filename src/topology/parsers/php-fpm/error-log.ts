import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { present } from "../../present.ts";
import { stampTime } from "../common/log-time.ts";

/**
 * `[20-Nov-2026 03:12:09] WARNING: [pool www] message`, local time without zone. PHP itself writes into the same file
 * with a zone, `[20-Nov-2026 03:12:09 UTC] PHP Fatal error:  message`, which need not be the host's.
 * Source: php-src sapi/fpm/fpm/zlog.c, main/main.c.
 */
export const errorLog: LogGrammar = { messageStart, details };

const STAMP = "[dd-aaa-dddd dd:dd:dd";

function messageStart(text: string, start: number, end: number): number {
  if (!hasStamp(text, start, end)) return -1;
  const close = text.indexOf("]", start + STAMP.length);
  if (close < 0 || close + 2 > end) return -1;
  const level = close + 2;
  const colon = endOfLevel(text, level, end);
  return colon < 0 ? level : colon + 2;
}

function hasStamp(text: string, start: number, end: number): boolean {
  if (start + STAMP.length > end) return false;
  for (let offset = 0; offset < STAMP.length; offset += 1) {
    const wanted = STAMP.charCodeAt(offset);
    const seen = text.charCodeAt(start + offset);
    if (wanted === 0x64 ? seen < 0x30 || seen > 0x39 : wanted !== 0x61 && seen !== wanted) return false;
  }
  return true;
}

/** Index of the colon after `WARNING`, `NOTICE`, …; -1 when the text begins otherwise. */
function endOfLevel(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text.charCodeAt(at) >= 0x41 && text.charCodeAt(at) <= 0x5a) at += 1;
  return at > start && text.charCodeAt(at) === 0x3a && text.charCodeAt(at + 1) === 0x20 ? at : -1;
}

function details(line: string, clock: LogClock): LineDetails {
  if (!hasStamp(line, 0, line.length)) return {};
  const close = line.indexOf("]");
  const zone = line.slice(STAMP.length, Math.max(close, STAMP.length)).trim();
  const colon = endOfLevel(line, close + 2, line.length);
  const isOffsetKnown = zone === "" || zone.startsWith(".") || zone === "UTC";
  return present({
    at: isOffsetKnown ? timeOf(line, zone === "UTC" ? 0 : clock.utcOffsetMinutes) : undefined,
    level: colon < 0 ? undefined : line.slice(close + 2, colon).toLowerCase(),
    pid: pidOf(line),
  });
}

function timeOf(line: string, utcOffsetMinutes: number): string | undefined {
  const part = (from: number, length: number) => line.slice(from, from + length);
  const date = { day: part(1, 2), month: part(4, 3), year: part(8, 4) };
  return stampTime(
    { ...date, hour: part(13, 2), minute: part(16, 2), second: part(19, 2) },
    utcOffsetMinutes,
  );
}

/** `child 4711 exited on signal …` */
function pidOf(line: string): number | undefined {
  const at = line.indexOf("] child ");
  const pid = at < 0 ? Number.NaN : Number.parseInt(line.slice(at + "] child ".length), 10);
  return Number.isSafeInteger(pid) ? pid : undefined;
}
