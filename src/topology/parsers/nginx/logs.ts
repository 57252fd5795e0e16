import type { LogTarget } from "../../target.ts";
import type { Directive } from "./parse-config.ts";
import { inherited, type Scope } from "./scope.ts";
import type { Variables } from "./variables.ts";

interface LogOptions {
  readonly variables: Variables;
  /** Folder nginx was built for; relative log paths start there. */
  readonly prefix: string;
  /** nginx's own unit: whatever goes to standard error ends up in its journal. */
  readonly unit: string;
  readonly onNote: (note: string) => void;
}

/** Debian, RHEL, SUSE and Alpine packages alike. */
const DEFAULT_ERROR_LOG = "/var/log/nginx/error.log";
const DEFAULT_ACCESS_LOG = "/var/log/nginx/access.log";

/** Levels at which failed connections (logged as `error`) are not written. */
const TOO_QUIET: ReadonlySet<string> = new Set(["crit", "alert", "emerg"]);

/** The error logs in force; several on one level are all written. */
export function errorLogs(scope: Scope, options: LogOptions): LogTarget[] {
  const directives = inherited(scope, "error_log");
  if (directives.length === 0) return [{ kind: "file", path: DEFAULT_ERROR_LOG }];
  return directives.flatMap((directive) => {
    const [where = "", level] = directive.args;
    if (level !== undefined && TOO_QUIET.has(level)) {
      options.onNote(
        `error_log at ${place(directive)} has level ${level}: most upstream errors are not written to it.`,
      );
    }
    if (where === "off") options.onNote(`error_log off at ${place(directive)} writes to a file named "off".`);
    if (where.startsWith("memory:")) return [];
    return logTarget(directive, options) ?? [];
  });
}

/** The access logs in force, with the text of the format they are written in. */
export function accessLogs(scope: Scope, options: LogOptions): LogTarget[] {
  const directives = inherited(scope, "access_log");
  if (directives.length === 0) return [{ kind: "file", path: DEFAULT_ACCESS_LOG }];
  return directives.flatMap((directive) => {
    if (directive.args[0] === "off") return [{ kind: "off" as const }];
    const format = formatText(scope, directive.args[1]);
    const target = logTarget(directive, options);
    if (target === undefined) return [];
    return target.kind === "file" && format !== undefined ? [{ ...target, format }] : [target];
  });
}

function logTarget(
  directive: Directive,
  { variables, prefix, unit, onNote }: LogOptions,
): LogTarget | undefined {
  const where = directive.args[0] ?? "";
  if (where.startsWith("syslog:")) {
    const tag = where
      .slice("syslog:".length)
      .split(",")
      .find((part) => part.startsWith("tag="));
    return { kind: "syslog", tag: tag?.slice("tag=".length) ?? "nginx" };
  }
  if (/^(?:stderr|\/dev\/std(?:err|out)|\/proc\/self\/fd\/[12])$/.test(where))
    return { kind: "journal", unit };
  if (where === "/dev/null") return { kind: "off" };
  const expansion = variables.expand(where);
  if (!expansion.known) {
    onNote(`The log ${where} (${place(directive)}) has a name only the running nginx knows.`);
    return undefined;
  }
  return {
    kind: "file",
    path: expansion.text.startsWith("/") ? expansion.text : `${prefix}/${expansion.text}`,
  };
}

function formatText(scope: Scope, name: string | undefined): string | undefined {
  if (name === undefined || name === "combined" || name.includes("=")) return undefined;
  const format = inherited(scope, "log_format").find(({ args }) => args[0] === name);
  const words = format?.args.slice(1).filter((word) => !word.startsWith("escape="));
  return words === undefined || words.length === 0 ? undefined : words.join("");
}

function place({ source }: Directive): string {
  return `${source.file}:${source.line}`;
}
