import { parseAddress, parsePort } from "../address.ts";
import { isoGrammar } from "../log-grammars.ts";
import type { DeclaredService, LineDetails, LogClock, ParserInput, ProductParser } from "../parser.ts";
import { present } from "../present.ts";
import type { LogTarget, UnitState, UpstreamAddress } from "../target.ts";
import { optionValue, optionValues } from "./common/command-options.ts";
import { configFiles } from "./common/config-files.ts";
import { wholeNumber } from "./common/duration.ts";
import { ownServices } from "./common/own-services.ts";
import { shellWords } from "./common/shell-words.ts";
import { unitEnvironments } from "./common/unit-environments.ts";

/** gunicorn: one service a unit, read from its command line and, where it was looked at, its settings file. Source: gunicorn/config.py. */
export const gunicorn: ProductParser = {
  services,
  errorLog: { messageStart, details },
};

const DEFAULT_TIMEOUT_SECONDS = 30;
const DEFAULT_KEEPALIVE_SECONDS = 2;
const DEFAULT_BACKLOG = 2048;

function services(input: ParserInput): readonly DeclaredService[] {
  const files = configFiles(input);
  const environments = unitEnvironments(input);
  return ownServices(input).map((unit) => {
    const words = shellWords(unit.execStart);
    const configPath = optionValue(words, "-c", "--config");
    const config = files.find(
      ({ path }) => configPath !== undefined && path.endsWith(withoutDots(configPath)),
    );
    const settings = config === undefined ? new Map<string, string>() : assignmentsOf(config.text);
    const value = (key: string, ...options: string[]) => optionValue(words, ...options) ?? settings.get(key);
    const binds = optionValues(words, "-b", "--bind");
    const seconds = (text: string | undefined, fallback: number) => (wholeNumber(text) ?? fallback) * 1000;
    const errorLog = value("errorlog", "--error-logfile", "--log-file");
    const logs: LogTarget[] = errorLog?.startsWith("/") ? [{ kind: "file", path: errorLog }] : [];
    const isUnread = configPath !== undefined && config === undefined;
    return {
      unit: unit.unit,
      addresses: addressesOf(unit, {
        binds: binds.length > 0 ? binds : [settings.get("bind") ?? ""],
        isUnread,
        port: environments.get(unit.unit)?.get("PORT"),
        units: input.units,
      }),
      logs,
      settings:
        isUnread && optionValue(words, "-t", "--timeout") === undefined
          ? {}
          : present({
              requestTimeoutMs: seconds(value("timeout", "-t", "--timeout"), DEFAULT_TIMEOUT_SECONDS),
              keepaliveMs: seconds(value("keepalive", "--keep-alive"), DEFAULT_KEEPALIVE_SECONDS),
              backlog: wholeNumber(value("backlog", "--backlog")) ?? DEFAULT_BACKLOG,
              maxWorkers:
                (wholeNumber(value("workers", "-w", "--workers")) ?? 1) *
                (wholeNumber(value("threads", "--threads")) ?? 1),
            }),
    };
  });
}

/** A socket unit of the same name hands the socket over; without anything it is `$PORT`, else 127.0.0.1:8000. */
function addressesOf(
  unit: UnitState,
  options: {
    readonly binds: readonly string[];
    /** There is a settings file that was not looked at. */
    readonly isUnread: boolean;
    /** `PORT` of its environment. */
    readonly port: string | undefined;
    readonly units: readonly UnitState[];
  },
): UpstreamAddress[] {
  const bound = options.binds.flatMap((bind) => parseAddress(bind) ?? parseAddress(`${bind}:8000`) ?? []);
  if (options.binds.some((bind) => bind !== "")) return bound;
  const socket = options.units.find(({ unit: name }) => name === unit.unit.replace(".service", ".socket"));
  if (socket?.listens !== undefined) return [...socket.listens];
  if (options.isUnread) return [];
  const port = parsePort(options.port ?? "");
  return [
    port === undefined
      ? { kind: "tcp", host: "127.0.0.1", port: 8000 }
      : { kind: "tcp", host: "0.0.0.0", port },
  ];
}

/** `timeout = 30`, `bind = "unix:/run/app.sock"`: plain values only, a computed one stays unknown. */
function assignmentsOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const found =
      /^([a-z_]{1,40})\s{0,4}=\s{0,4}(?:"([^"]{0,200})"|'([^']{0,200})'|(\d{1,9}))\s{0,200}(?:#|$)/.exec(
        line,
      );
    const value = found?.[2] ?? found?.[3] ?? found?.[4];
    if (found?.[1] !== undefined && value !== undefined) values.set(found[1], value);
  }
  return values;
}

function withoutDots(path: string): string {
  return path.startsWith("./") ? path.slice(1) : path;
}

/** `[2026-11-20 03:12:09 +0000] [123] [CRITICAL] WORKER TIMEOUT (pid:124)`. */
function messageStart(text: string, start: number, end: number): number {
  const pid = isoGrammar.messageStart(text, start, end);
  // tracebacks and what the application prints have no time
  if (pid < 0) return start;
  const level = afterBrackets(text, pid, end);
  return afterBrackets(text, level, end);
}

function afterBrackets(text: string, start: number, end: number): number {
  if (text.charAt(start) !== "[") return start;
  const close = text.indexOf("] ", start);
  return close < 0 || close >= end || close - start > 40 ? start : close + 2;
}

function details(line: string, clock: LogClock): LineDetails {
  const start = isoGrammar.messageStart(line, 0, line.length);
  if (start < 0) return {};
  const level = afterBrackets(line, start, line.length);
  const message = afterBrackets(line, level, line.length);
  const pid = Number.parseInt(line.slice(start + 1), 10);
  return present({
    ...isoGrammar.details(line, clock),
    pid: level > start && Number.isSafeInteger(pid) ? pid : undefined,
    level: message > level ? line.slice(level + 1, message - 2).toLowerCase() : undefined,
  });
}
