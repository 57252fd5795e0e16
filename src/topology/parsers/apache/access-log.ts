import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { present } from "../../present.ts";
import { createFieldReader, type FieldShape } from "../common/field-reader.ts";
import { clfTime } from "../common/log-time.ts";

const COMBINED = '%h %l %u %t "%r" %>s %O';

/** Directives whose values have a shape; `%t` brings its own brackets. */
const SHAPES: ReadonlyMap<string, FieldShape> = new Map([
  ["%t", /^\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]/],
  ["%s", /^\d{3}/],
  ["%>s", /^\d{3}/],
  ["%D", /^\d{1,15}/],
  ["%T", /^\d{1,9}/],
]);

/** `combined`, `common` and Debian's `vhost_combined`. Source: httpd.apache.org, mod_log_config. */
export const accessLog: LogGrammar = grammarOf(COMBINED);

/** A grammar for a LogFormat text; what the format does not hold stays undefined. */
export function accessLogOf(format: string): LogGrammar {
  return grammarOf(format);
}

function grammarOf(format: string): LogGrammar {
  const read = createFieldReader(format, {
    variable: /%[!\d,]{0,20}[<>]?(?:\{[^}]{0,60}\})?(?:\^t[io]|[a-zA-Z])/g,
    shapes: SHAPES,
  });
  return {
    messageStart: (_text, start, end) => (end > start ? start : -1),
    details(line, clock) {
      const fields = read(line);
      return fields === undefined ? {} : toDetails(fields.values, clock);
    },
  };
}

function toDetails(fields: Readonly<Record<string, string>>, clock: LogClock): LineDetails {
  const status = Number(fields["%>s"] ?? fields["%s"] ?? Number.NaN);
  const time = fields["%t"];
  return present({
    at: time === undefined ? undefined : clfTime(time.slice(1, -1), clock),
    status: Number.isInteger(status) ? status : undefined,
    request: requestOf(fields),
    requestHost: given(fields["%{Host}i"]) ?? given(fields["%V"]),
    // in vhost_combined the client is preceded by the virtual host and its port
    server: given(fields["%v"]) ?? vhostBefore(fields["%h"]),
    durationMs: durationOf(fields),
  });
}

function requestOf(fields: Readonly<Record<string, string>>): string | undefined {
  const line = given(fields["%r"]);
  if (line !== undefined) return line.replace(/ HTTP\/[\d.]+$/, "");
  const path = given(fields["%U"]);
  return path === undefined ? undefined : `${fields["%m"] ?? "GET"} ${path}${fields["%q"] ?? ""}`;
}

function vhostBefore(client: string | undefined): string | undefined {
  return /^([a-z0-9.-]{1,253}):\d{1,5}$/i.exec(client ?? "")?.[1];
}

function durationOf(fields: Readonly<Record<string, string>>): number | undefined {
  const number = (name: string) => (/^\d{1,15}$/.test(fields[name] ?? "") ? Number(fields[name]) : undefined);
  const micros = number("%D") ?? number("%{us}T");
  const seconds = number("%T") ?? number("%{s}T");
  if (micros !== undefined) return Math.round(micros / 1000);
  return number("%{ms}T") ?? (seconds === undefined ? undefined : seconds * 1000);
}

/** `-` stands for a value Apache does not have. */
function given(value: string | undefined): string | undefined {
  return value === undefined || value === "" || value === "-" ? undefined : value;
}
