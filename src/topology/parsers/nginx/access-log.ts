import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { createFieldReader, type FieldShape } from "../common/field-reader.ts";
import { clfTime } from "../common/log-time.ts";

const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

/** Variables whose values have a shape, so that imitations before them are passed over. */
const SHAPES: ReadonlyMap<string, FieldShape> = new Map([
  ["time_local", /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}/],
  ["time_iso8601", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)/],
  ["msec", /^\d{1,12}\.\d{3}/],
  ["status", /^\d{3}/],
  ["request_time", /^\d{1,9}\.\d{3}/],
]);

/** `combined`, and what people append to it as `name=value`. Source: nginx.org, ngx_http_log_module. */
export const accessLog: LogGrammar = grammarOf(COMBINED);

/** A grammar for a `log_format` text; what the format does not hold stays undefined. */
export function accessLogOf(format: string): LogGrammar {
  return grammarOf(format);
}

function grammarOf(format: string): LogGrammar {
  const read = createFieldReader(format, {
    variable: /\$(?:\{([a-z0-9_]+)\}|([a-z0-9_]+))/gi,
    shapes: SHAPES,
  });
  return {
    messageStart: (_text, start, end) => (end > start ? start : -1),
    details(line, clock) {
      const fields = read(line);
      return fields === undefined ? {} : toDetails({ ...appended(fields.rest), ...fields.values }, clock);
    },
  };
}

/** Names under which people append variables, mapped to the variables. */
const APPENDED: ReadonlyMap<string, string> = new Map([
  ["rt", "request_time"],
  ["request_time", "request_time"],
  ["uht", "upstream_header_time"],
  ["urt", "upstream_response_time"],
  ["us", "upstream_status"],
  ["upstream_status", "upstream_status"],
  ["upstream_response_time", "upstream_response_time"],
  ["upstream_header_time", "upstream_header_time"],
  ["upstream_addr", "upstream_addr"],
  ["upstream", "upstream_addr"],
  ["host", "host"],
]);

function appended(rest: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", quoted, bare] of rest
    .slice(0, 2000)
    .matchAll(/ ([a-z_]{1,30})=(?:"([^"]*)"|(\S+))/g)) {
    const variable = APPENDED.get(name);
    if (variable !== undefined) found[variable] ??= quoted ?? bare ?? "";
  }
  return found;
}

function toDetails(fields: Readonly<Record<string, string>>, clock: LogClock): LineDetails {
  const at = timeOf(fields, clock);
  const status = Number(fields.status ?? Number.NaN);
  const durationMs = secondsToMs(fields.request_time);
  const headerMs = lastTryMs(fields.upstream_header_time);
  const request = requestOf(fields);
  const requestHost = firstGiven(fields, ["host", "http_host"]);
  const upstream = lastTry(fields.upstream_addr);
  const upstreamStatus = fields.upstream_status;
  return {
    ...(at !== undefined && { at }),
    ...(Number.isInteger(status) && { status }),
    ...(request !== undefined && { request }),
    ...(requestHost !== undefined && { requestHost }),
    ...(upstreamStatus !== undefined && upstreamStatus !== "" && { upstreamStatus }),
    ...(durationMs !== undefined && { durationMs }),
    ...(headerMs !== undefined && { upstreamHeaderMs: headerMs }),
    ...(upstream !== undefined && upstream !== "-" && { upstream }),
  };
}

function timeOf(fields: Readonly<Record<string, string>>, clock: LogClock): string | undefined {
  if (fields.time_local !== undefined) return clfTime(fields.time_local, clock);
  const ms = fields.msec === undefined ? Date.parse(fields.time_iso8601 ?? "") : Number(fields.msec) * 1000;
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : undefined;
}

function requestOf(fields: Readonly<Record<string, string>>): string | undefined {
  if (fields.request !== undefined) return fields.request.replace(/ HTTP\/[\d.]+$/, "");
  const uri = firstGiven(fields, ["request_uri", "uri"]);
  return uri === undefined ? undefined : `${fields.request_method ?? "GET"} ${uri}`;
}

function firstGiven(fields: Readonly<Record<string, string>>, names: readonly string[]): string | undefined {
  return names
    .map((name) => fields[name])
    .find((value) => value !== undefined && value !== "" && value !== "-");
}

/** Tries are joined by `, `, internal redirects by ` : `; the last one made the answer. */
function lastTry(list: string | undefined): string | undefined {
  return list
    ?.split(/, | : /)
    .at(-1)
    ?.trim();
}

/** Null when the last try never got that far (`-`). */
function lastTryMs(list: string | undefined): number | null | undefined {
  const last = lastTry(list);
  if (last === undefined || last === "") return undefined;
  return last === "-" ? null : secondsToMs(last);
}

function secondsToMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}(?:\.\d{1,6})?$/.test(text)
    ? Math.round(Number(text) * 1000)
    : undefined;
}
