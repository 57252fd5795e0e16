import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { present } from "../../present.ts";
import { clfTime } from "../common/log-time.ts";
import { syslogTime } from "../common/syslog-time.ts";

/**
 * `haproxy[pid]: ip:port [date] frontend backend/server timers status bytes cookies flags counts queues "request"`,
 * and `Server backend/server is DOWN, …`. Source: doc/configuration.txt 8.2.2 to 8.5.
 */
export const logLine: LogGrammar = { messageStart, details };

/** How lines begin that HAProxy writes without time and tag (standard error, the journal). */
const UNTAGGED = ["Server ", "Backup Server ", "backend ", "[ALERT]", "[WARNING]", "[NOTICE]"];

/** Longest time, host name and tag that stand before a message. */
const MAX_PREFIX_CHARS = 200;

function messageStart(text: string, start: number, end: number): number {
  const tagged = afterTag(text, start, end);
  if (tagged >= 0) return tagged;
  const isUntagged = UNTAGGED.some((begin) => text.startsWith(begin, start));
  return isUntagged || startsWithClient(text, start, end) ? start : -1;
}

/** Index after `haproxy[123]: `, when that is the line's first tag: a later one is somebody's text. */
function afterTag(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + MAX_PREFIX_CHARS) - 2;
  for (let at = start; at < limit; at += 1) {
    if (text.charCodeAt(at) !== 0x5d || text.charCodeAt(at + 1) !== 0x3a || text.charCodeAt(at + 2) !== 0x20)
      continue;
    let open = at - 1;
    while (open > start && isDigit(text.charCodeAt(open))) open -= 1;
    const isTag = text.charCodeAt(open) === 0x5b && open < at - 1 && open - start >= TAG.length;
    return isTag && text.startsWith(TAG, open - TAG.length) ? at + 3 : -1;
  }
  return -1;
}

const TAG = "haproxy";

/** `203.0.113.9:51234 [`: a traffic line written without a tag. */
function startsWithClient(text: string, start: number, end: number): boolean {
  const limit = Math.min(end, start + 64);
  for (let at = start; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x20)
      return at > start && text.charCodeAt(at + 1) === 0x5b && isDigit(text.charCodeAt(at - 1));
    const isAddress = isDigit(code) || code === 0x3a || code === 0x2e || (code >= 0x61 && code <= 0x66);
    if (!isAddress) return false;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function details(line: string, clock: LogClock): LineDetails {
  const start = messageStart(line, 0, line.length);
  if (start < 0) return {};
  const message = line.slice(start);
  const pid = /haproxy\[(\d{1,10})\]: $/.exec(line.slice(0, start))?.[1];
  const common = present({ at: syslogTime(line, clock), pid: pid === undefined ? undefined : Number(pid) });
  const server = SERVER.exec(message.slice(0, 500))?.[1];
  return { ...common, ...(server === undefined ? traffic(message, clock) : { upstream: server }) };
}

const SERVER = /^(?:\[[A-Z]+\] +\([^)]{0,50}\) : )?(?:Backup Server|Server|backend) (\S{1,200}) (?:is|has) /;

/** The fields up to the flags hold nothing a client wrote, so they are read by position from the front. */
const HTTP = /^\S{1,80} \[([^\]]{1,40})\] (\S+) (\S+) (\S+) (-?\d{1,3}) \+?\d+ \S+ \S+ (\S{4}) \S+ \S+ /;
const TCP = /^\S{1,80} \[([^\]]{1,40})\] (\S+) (\S+) (\S+) \+?\d+ (\S{2}) \S+ \S+/;

function traffic(message: string, clock: LogClock): LineDetails {
  const head = message.slice(0, 2000);
  const http = HTTP.exec(head);
  const tcp = http ? null : TCP.exec(head);
  const found = http ?? tcp;
  if (!found) return {};
  const [matched, date = "", , upstream = "", timers = ""] = found;
  const times = timers.split("/").map((timer) => Number(timer.replace("+", "")));
  const totalMs = times.at(-1);
  const headerMs = http ? times[3] : undefined;
  const status = http ? Number(http[5]) : undefined;
  const isAnswered = headerMs !== undefined && headerMs >= 0;
  return present({
    at: clfTime(date, clock),
    upstream,
    status: status !== undefined && status > 0 ? status : undefined,
    upstreamStatus: isAnswered && status !== undefined ? String(status) : undefined,
    durationMs: totalMs !== undefined && totalMs >= 0 ? totalMs : undefined,
    upstreamHeaderMs: http ? (isAnswered ? headerMs : null) : undefined,
    flags: http ? http[6] : tcp?.[5],
    ...(http && requestOf(message.slice(matched.length))),
  });
}

/** HAProxy escapes quotes in what clients send, so the first quote opens the request; `len` may cut its end off. */
function requestOf(rest: string): LineDetails {
  const open = rest.indexOf('"');
  if (open < 0) return {};
  const close = rest.indexOf('"', open + 1);
  const text = rest.slice(open + 1, close < 0 ? undefined : close).replace(/ HTTP\/[\d.]+$/, "");
  if (text === "" || text.startsWith("<")) return {};
  // HTTP/2 requests are logged with scheme and host
  const absolute = /^([A-Z]{1,20}) https?:\/\/([^/\s]{1,255})(\S*)/.exec(text);
  if (!absolute) return { request: text };
  const [, method = "", host = "", path = ""] = absolute;
  return { request: `${method} ${path === "" ? "/" : path}`, requestHost: host };
}
