import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { localTime } from "../common/log-time.ts";

/**
 * `YYYY/MM/DD HH:MM:SS [level] pid#tid: *conn message, client: …, server: …, request: "…", upstream: "…", host: "…"`.
 * nginx escapes nothing in it: a decoded URI may hold newlines and whole imitated lines, a request or referrer
 * may hold imitated fields. Source: nginx src/core/ngx_log.c, src/http/ngx_http_request.c (ngx_http_log_error).
 */
export const errorLog: LogGrammar = { messageStart, details };

/** A record is cut at this many bytes, so nothing further back can still be open. */
const MAX_RECORD_CHARS = 2048;
/** Longest prefix that syslog, the journal or a container runtime puts before nginx's own line. */
const MAX_PREFIX_CHARS = 160;
const STAMP_CHARS = "2026/11/20 03:12:09 [".length;

function messageStart(text: string, start: number, end: number): number {
  const stamp = findStamp(text, start, end);
  if (stamp < 0) return -1;
  const message = afterHeader(text, stamp, end);
  return message < 0 || isInsideOpenRecord(text, start) ? -1 : message;
}

function findStamp(text: string, start: number, end: number): number {
  if (isStamp(text, start, end)) return start;
  const last = Math.min(end - STAMP_CHARS, start + MAX_PREFIX_CHARS);
  for (let at = start + 1; at <= last; at += 1) {
    if (text.charCodeAt(at + 4) === SLASH && isStamp(text, at, end) && text.charCodeAt(at - 1) === SPACE)
      return at;
  }
  return -1;
}

const SLASH = 0x2f;
const SPACE = 0x20;
const COLON = 0x3a;
const QUOTE = 0x22;
const PATTERN = "dddd/dd/dd dd:dd:dd [";

function isStamp(text: string, at: number, end: number): boolean {
  if (at + STAMP_CHARS > end) return false;
  for (let offset = 0; offset < STAMP_CHARS; offset += 1) {
    const wanted = PATTERN.charCodeAt(offset);
    const seen = text.charCodeAt(at + offset);
    if (wanted === 0x64 ? seen < 0x30 || seen > 0x39 : seen !== wanted) return false;
  }
  return true;
}

/** Index after `level] pid#tid: ` and, if there is one, `*conn `. */
function afterHeader(text: string, stamp: number, end: number): number {
  const limit = Math.min(end, stamp + 100);
  for (let at = stamp + STAMP_CHARS; at < limit; at += 1) {
    if (text.charCodeAt(at) !== COLON || text.charCodeAt(at + 1) !== SPACE) continue;
    const message = at + 2;
    if (text.charAt(message) !== "*") return message;
    let afterConnection = message + 1;
    while (afterConnection < end && isDigit(text.charCodeAt(afterConnection))) afterConnection += 1;
    return text.charCodeAt(afterConnection) === SPACE ? afterConnection + 1 : message;
  }
  return -1;
}

/**
 * True when an earlier record, begun at most 2048 characters before, stopped inside a quoted text: this line is then
 * part of what a client or application wrote there, however much it looks like a line of nginx. Only a line without
 * nginx's header can end such a record, so an imitated line never makes the next one believable.
 */
function isInsideOpenRecord(text: string, start: number): boolean {
  if (seen.text !== text || seen.upTo > start) {
    // nothing further back can still be open, so reading from there gives the same answer
    const from = start <= MAX_RECORD_CHARS ? 0 : text.indexOf("\n", start - MAX_RECORD_CHARS - 1) + 1;
    seen = { text, upTo: from, openedAt: -1, nextClient: -1 };
  }
  while (seen.upTo < start) {
    const newline = text.indexOf("\n", seen.upTo);
    const lineEnd = newline < 0 ? text.length : newline;
    const stamp = findStamp(text, seen.upTo, lineEnd);
    const hasTail = hasClient(text, seen.upTo, lineEnd);
    if (stamp < 0 && hasTail) seen.openedAt = -1;
    if (stamp >= 0 && !hasTail && stopsInQuote(text, stamp, lineEnd)) seen.openedAt = seen.upTo;
    seen.upTo = lineEnd + 1;
  }
  return seen.openedAt >= 0 && start - seen.openedAt <= MAX_RECORD_CHARS;
}

/**
 * What the lines before said, kept because a log is read line after line: each line is judged once instead of with each
 * of the lines behind it. Only a memory: any other order of calls gives the same answers.
 */
let seen = { text: "", upTo: 0, openedAt: -1, nextClient: -1 };

function stopsInQuote(text: string, stamp: number, end: number): boolean {
  const message = afterHeader(text, stamp, end);
  let quotes = 0;
  for (let at = message; at >= 0 && at < end; at += 1) if (text.charCodeAt(at) === QUOTE) quotes += 1;
  return quotes % 2 === 1;
}

const CLIENT = ", client: ";

/** Searches each stretch of `seen.text` once, also where the field is missing for long. */
function hasClient(text: string, start: number, end: number): boolean {
  if (seen.nextClient < start) {
    const found = text.indexOf(CLIENT, start);
    seen.nextClient = found < 0 ? text.length : found;
  }
  return seen.nextClient + CLIENT.length <= end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function details(line: string, clock: LogClock): LineDetails {
  const stamp = findStamp(line, 0, line.length);
  if (stamp < 0) return {};
  const at = stampTime(line.slice(stamp, stamp + 19), clock);
  const header = /^([a-z]{1,10})\] (\d{1,10})#/.exec(
    line.slice(stamp + STAMP_CHARS, stamp + STAMP_CHARS + 40),
  );
  const message = afterHeader(line, stamp, line.length);
  return {
    ...(at !== undefined && { at }),
    ...(header && { level: header[1] ?? "", pid: Number(header[2]) }),
    ...(message >= 0 && readTail(line, tailStart(line, message))),
  };
}

function stampTime(stamp: string, { utcOffsetMinutes }: LogClock): string | undefined {
  const number = (from: number, to: number) => Number(stamp.slice(from, to));
  return localTime(
    {
      year: number(0, 4),
      month: number(5, 7) - 1,
      day: number(8, 10),
      hour: number(11, 13),
      minute: number(14, 16),
      second: number(17, 19),
    },
    utcOffsetMinutes,
  );
}

/**
 * Where the fields nginx adds begin. A message without quotes holds nothing foreign, so the first `, client: ` is
 * nginx's; one that quotes a file name or an application may imitate it, so there the last one is.
 */
function tailStart(line: string, message: number): number {
  const first = line.indexOf(CLIENT, message);
  const quote = line.indexOf('"', message);
  return first < 0 || quote < 0 || quote > first ? first : line.lastIndexOf(CLIENT);
}

function readTail(line: string, start: number): LineDetails {
  if (start < 0) return {};
  const request = line.indexOf(', request: "', start);
  const server = fieldBetween(line, ", server: ", start, request < 0 ? line.length : request);
  const attributed = { ...(server !== undefined && server !== "" && { server }) };
  if (request < 0) return { ...attributed, ...upstreamAt(line, line.indexOf(UPSTREAM, start)) };
  const requestStart = request + ', request: "'.length;
  const requestEnd = endOfRequest(line, requestStart);
  if (requestEnd < 0) return attributed;
  const text = line.slice(requestStart, requestEnd);
  const shown = text.replace(/ HTTP\/[\d.]+$/, "");
  return { ...attributed, request: shown, ...afterRequest(line, requestEnd + 1) };
}

const UPSTREAM = ', upstream: "';
const HOST = ', host: "';

function fieldBetween(line: string, label: string, from: number, to: number): string | undefined {
  const at = line.indexOf(label, from);
  if (at < 0 || at >= to) return undefined;
  const comma = line.indexOf(", ", at + label.length);
  return line.slice(at + label.length, comma < 0 || comma > to ? to : comma);
}

/**
 * Index of the quote that ends the request line. A request target holds no blank, so a quote after ` HTTP/x` is
 * nginx's own. Releases before 1.21.1 let blanks through: a line with a second such end is not trusted further (-1).
 */
function endOfRequest(line: string, start: number): number {
  const end = nextRequestEnd(line, start);
  if (end >= 0) return nextRequestEnd(line, end + 1) < 0 ? end : -1;
  const quote = line.indexOf('"', start);
  return quote === line.length - 1 || line.startsWith(", ", quote + 1) ? quote : -1;
}

function nextRequestEnd(line: string, from: number): number {
  for (let at = line.indexOf(" HTTP/", from); at >= 0; at = line.indexOf(" HTTP/", at + 1)) {
    let quote = at + " HTTP/".length;
    while (isDigit(line.charCodeAt(quote)) || line.charAt(quote) === ".") quote += 1;
    const isQuoteThenField =
      line.charCodeAt(quote) === QUOTE && (quote === line.length - 1 || line.startsWith(", ", quote + 1));
    if (isQuoteThenField) return quote;
  }
  return -1;
}

/** The fields behind the request, each only where nginx puts it: imitations inside a referrer come later. */
function afterRequest(line: string, from: number): LineDetails {
  const rest = line.startsWith(', subrequest: "', from) ? line.indexOf('", ', from + 15) + 1 : from;
  const hasUpstream = line.startsWith(UPSTREAM, rest);
  const upstream = hasUpstream ? upstreamAt(line, rest) : {};
  const host = hasUpstream ? line.indexOf(`"${HOST}`, rest + UPSTREAM.length) + 1 : rest;
  if (host <= 0 || !line.startsWith(HOST, host)) return upstream;
  const value = line.slice(host + HOST.length);
  // a host holds no blank: the first quote before a blank or the end closes it
  const blank = value.indexOf('", ');
  const requestHost = blank < 0 ? value.replace(/"$/, "") : value.slice(0, blank);
  return { ...upstream, ...(requestHost !== "" && !requestHost.includes(" ") && { requestHost }) };
}

/** `http://10.0.0.1:80/x` → `10.0.0.1:80`, `fastcgi://unix:/run/a.sock:` → `unix:/run/a.sock`, a group by its name. */
function upstreamAt(line: string, at: number): LineDetails {
  if (at < 0) return {};
  const value = line.slice(at + UPSTREAM.length, at + UPSTREAM.length + MAX_RECORD_CHARS);
  const scheme = /^[a-z]{1,10}:\/\//.exec(value)?.[0].length ?? 0;
  const address = value.slice(scheme);
  const end = address.startsWith("unix:") ? address.slice(5).search(/[:"]/) + 5 : address.search(/[/?"]/);
  const upstream = end < 5 && address.startsWith("unix:") ? "" : address.slice(0, end < 0 ? undefined : end);
  return upstream === "" ? {} : { upstream };
}
