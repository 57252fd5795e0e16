import type { LogTarget } from "../../target.ts";
import type { Directive } from "./parse-config.ts";
import type { Scope } from "./scope.ts";

interface LogOptions {
  readonly serverRoot: string;
  /** Apache's own unit: whatever goes to standard error ends up in its journal. */
  readonly unit: string;
  readonly onNote: (note: string) => void;
}

/** The error log in force: the virtual host's, else the main server's. */
export function errorLogs(scope: Scope, options: LogOptions): LogTarget[] {
  const directive = innermost(scope, ["errorlog"]).at(-1);
  if (directive === undefined) return [{ kind: "file", path: defaultLog(options.serverRoot, "error") }];
  const target = logTarget(directive, options);
  return target ? [target] : [];
}

/** The access logs in force. A virtual host with one of its own does not write to the main server's. */
export function accessLogs(scope: Scope, options: LogOptions): LogTarget[] {
  const directives = innermost(scope, ["customlog", "transferlog"]);
  if (directives.length === 0) return [];
  return directives.flatMap((directive) => {
    const target = logTarget(directive, options);
    if (target === undefined) return [];
    const format = formatText(scope, directive.args[1]);
    return target.kind === "file" && format !== undefined ? [{ ...target, format }] : [target];
  });
}

function innermost(scope: Scope, names: readonly string[]): readonly Directive[] {
  const levels = scope.map((block) => block.filter(({ name }) => names.includes(name)));
  return levels.findLast((level) => level.length > 0) ?? [];
}

function logTarget(
  { args: [where = ""], source }: Directive,
  { serverRoot, unit, onNote }: LogOptions,
): LogTarget | undefined {
  if (where.startsWith("syslog")) return { kind: "syslog", tag: where.split(":")[2] || "apache2" };
  if (where.startsWith("|")) {
    onNote(
      `The log at ${source.file}:${source.line} is piped to ${where.replace(/^\|\$?\s*/, "").slice(0, 200)}; the file that program writes is not known.`,
    );
    return undefined;
  }
  if (/^(?:\/dev\/std(?:err|out)|\/proc\/self\/fd\/[12])$/.test(where)) return { kind: "journal", unit };
  if (where === "/dev/null") return { kind: "off" };
  if (where.includes("${")) {
    onNote(
      `The log ${where} (${source.file}:${source.line}) has a variable that is not set in the files read.`,
    );
    return undefined;
  }
  return { kind: "file", path: where.startsWith("/") ? where : `${serverRoot}/${where}` };
}

/** Text of a format by its nickname or as written; the well-known ones need none. */
function formatText(scope: Scope, written: string | undefined): string | undefined {
  if (written === undefined || written.startsWith("env=")) return undefined;
  if (written.includes("%")) return written;
  if (/^(?:combined|common|vhost_combined)$/.test(written)) return undefined;
  const formats = scope.flat().filter(({ name, args }) => name === "logformat" && args[1] === written);
  return formats.at(-1)?.args[0];
}

function defaultLog(serverRoot: string, name: string): string {
  return serverRoot === "/etc/httpd" ? `/var/log/httpd/${name}_log` : `/var/log/apache2/${name}.log`;
}
