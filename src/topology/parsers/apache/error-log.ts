import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { present } from "../../present.ts";
import { stampTime } from "../common/log-time.ts";
import { syslogTime } from "../common/syslog-time.ts";

/**
 * `[Www Mmm DD HH:MM:SS.uuuuuu YYYY] [module:level] [pid N:tid T] [client …] (code)text: AHnnnnn: message`. Apache
 * escapes control characters, so every record is one line. Source: httpd server/log.c (do_errorlog_default).
 */
export const errorLog: LogGrammar = { messageStart, details };

/** Time, host and tag of syslog before Apache's own fields. */
const MAX_PREFIX_CHARS = 200;
const MAX_FIELD_CHARS = 120;

function messageStart(text: string, start: number, end: number): number {
  const fields = isDated(text, start, end) ? afterField(text, start, end) : afterTag(text, start, end);
  if (fields < 0) return -1;
  const level = afterField(text, fields, end);
  if (level < 0 || text.lastIndexOf(":", level) < fields) return -1;
  const pid = text.startsWith("[pid ", level) ? afterField(text, level, end) : level;
  return pid < 0 ? -1 : afterOrigin(text, pid, end);
}

/** Skips `file.c(12): ` of verbose levels and a leading `[client …] ` or `[remote …] `. */
function afterOrigin(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + 60);
  let at = start;
  while (at < limit && isWord(text.charCodeAt(at))) at += 1;
  const isFile = at > start && text.startsWith(".c(", at - 2);
  while (isFile && at < limit && text.charCodeAt(at) !== 0x29) at += 1;
  const message = isFile && text.startsWith("): ", at) ? at + 3 : start;
  const hasPeer = text.startsWith("[client ", message) || text.startsWith("[remote ", message);
  const after = hasPeer ? afterField(text, message, end) : message;
  return after < 0 ? message : after;
}

/** `[Fri Nov 20 `: the begin of a dated line. */
function isDated(text: string, start: number, end: number): boolean {
  return (
    start + 30 < end &&
    text.charCodeAt(start) === 0x5b &&
    text.charCodeAt(start + 4) === 0x20 &&
    text.charCodeAt(start + 8) === 0x20 &&
    text.charCodeAt(start + 14) === 0x3a
  );
}

/** Index after `] ` of the bracketed field that begins here; -1 when there is none. IPv6 peers hold no brackets. */
function afterField(text: string, start: number, end: number): number {
  if (text.charCodeAt(start) !== 0x5b) return -1;
  const limit = Math.min(end, start + MAX_FIELD_CHARS) - 1;
  for (let at = start + 1; at < limit; at += 1) {
    if (text.charCodeAt(at) === 0x5d) return text.charCodeAt(at + 1) === 0x20 ? at + 2 : -1;
  }
  return -1;
}

/** Index after `apache2[123]: ` or `httpd[123]: `, when that is the line's first tag. */
function afterTag(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + MAX_PREFIX_CHARS) - 2;
  for (let at = start; at < limit; at += 1) {
    if (text.charCodeAt(at) !== 0x5d || text.charCodeAt(at + 1) !== 0x3a || text.charCodeAt(at + 2) !== 0x20)
      continue;
    let open = at - 1;
    while (open > start && text.charCodeAt(open) !== 0x5b) open -= 1;
    return text.startsWith("apache2", open - 7) || text.startsWith("httpd", open - 5) ? at + 3 : -1;
  }
  return -1;
}

function isWord(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2e;
}

const HEAD = /\[[a-z0-9_]{0,40}:([a-z]{1,6}\d?)\] \[pid (\d{1,10})(?::tid \d{1,20})?\] /;

function details(line: string, clock: LogClock): LineDetails {
  const start = messageStart(line, 0, line.length);
  if (start < 0) return {};
  const head = HEAD.exec(line.slice(0, start));
  return present({
    at: dateOf(line, clock) ?? syslogTime(line, clock),
    level: head?.[1],
    pid: head ? Number(head[2]) : undefined,
    upstream: upstreamOf(line.slice(start, start + 2000)),
  });
}

const DATE =
  /^\[[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>\d\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<ms>\d{1,6}))? (?<year>\d{4})\]/;

function dateOf(line: string, { utcOffsetMinutes }: LogClock): string | undefined {
  return stampTime(DATE.exec(line.slice(0, 48))?.groups, utcOffsetMinutes);
}

/** Messages that name their upstream, each where Apache itself puts it: nothing a client sends comes before. */
const NAMED: readonly RegExp[] = [
  /^AH00957: [A-Za-z0-9]{1,10}: attempt to connect to (\S{1,300}) \([^)]{1,300}\) failed/,
  /^AH02454: [A-Za-z0-9]{1,10}: attempt to connect to Unix domain socket (\S{1,300}) \([^)]{0,300}\) failed/,
  /^AH00959: ap_proxy_connect_backend disabling worker for \((\S{1,300})\) for/,
  /^AH00940: [A-Za-z0-9]{1,10}: disabled connection for \((\S{1,300})\)/,
  /^AH01102: error reading status line from remote server (\S{1,300}:\d{1,5})(?:,|$)/,
  /^AH0(?:1167|1170|1171): (balancer:\/\/[^\s:/]{1,200})/,
  /^AH0(?:0897|0878|1084): [a-z/ ]{1,40} (?:to|from) (\S{1,300}:\d{1,5}) /,
];

function upstreamOf(message: string): string | undefined {
  const bare = message
    .replace(/^\([^)]{1,40}\)[^:]{1,120}: /, "")
    .replace(/^\[(?:client|remote) [^\]]{1,100}\] /, "");
  for (const pattern of NAMED) {
    const found = pattern.exec(bare)?.[1];
    if (found !== undefined) return found.startsWith("/") ? `unix:${found}` : found;
  }
  return undefined;
}
