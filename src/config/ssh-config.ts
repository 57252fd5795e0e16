import { join } from "node:path";
import { ConfigError } from "./config-error.ts";
import type { Environment } from "./environment.ts";
import { isPort } from "./host-spec.ts";
import type { SshCondition, SshDirective } from "./parse-ssh-config.ts";
import { resolvePath } from "./resolve-path.ts";
import { matchesPatternList } from "./ssh-pattern.ts";

/** What ssh_config says about one host, tokens and defaults filled in; paths are absolute. */
export interface SshHostSettings {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** As configured; empty when nothing is. They need not exist. */
  readonly identityFiles: readonly string[];
  /** `IdentitiesOnly yes`: of the agent's keys only those in `identityFiles`. */
  readonly identitiesOnly: boolean;
  readonly agentSocket?: string;
  /** `user@host:port` of each hop, nearest to us first. */
  readonly proxyJump: readonly string[];
  /** Where a `ProxyCommand` is set that we cannot honour: `file:line`. */
  readonly proxyCommandAt?: string;
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string;
  /** What was left out, and where. */
  readonly notes: readonly string[];
}

type Surroundings = Pick<Environment, "home" | "userName" | "userId" | "agentSocket" | "variable">;

/**
 * What `ssh host` would do, as `ssh -G host` prints it: the first value of each keyword wins.
 * `Match exec` is never run; blocks under criteria other than `all`, `host` and `originalhost` are left out with a note.
 * @throws {ConfigError} for a port that is none.
 */
export function resolveSshHost(
  directives: readonly SshDirective[],
  options: {
    readonly host: string;
    readonly user?: string;
    readonly port?: number;
    readonly environment: Surroundings;
  },
): SshHostSettings {
  const { host, environment } = options;
  const { values, identityFiles, notes } = readValues(directives, host);
  const hostName = expandHostName(values.get("hostname")?.args[0], host);
  const port = options.port ?? readPort(values.get("port"));
  const user = options.user ?? values.get("user")?.args[0] ?? environment.userName;
  const expand = (text: string, directive: SshDirective) =>
    expandPath(text, { at: directive.at, host, hostName, port, user, environment, notes });
  const paths = (directive: SshDirective | undefined, otherwise: readonly string[]) =>
    directive?.args.flatMap((file) => (isNone(file) ? [] : expand(file, directive))) ?? otherwise;

  const agentSocket = readAgent(values.get("identityagent"), { environment, expand });
  const hostKeyAlias = values.get("hostkeyalias")?.args[0];
  const proxy = values.get("proxy");
  const proxyCommandAt = proxy?.keyword === "proxycommand" && !isNone(proxy.args[0]) ? proxy.at : undefined;
  const proxyJump = proxy?.keyword === "proxyjump" && !isNone(proxy.args[0]) ? (proxy.args[0] ?? "") : "";
  const ssh = join(environment.home, ".ssh");
  return {
    hostName,
    port,
    user,
    identityFiles: [...new Set(identityFiles.flatMap((directive) => paths(directive, [])))],
    identitiesOnly: values.get("identitiesonly")?.args[0]?.toLowerCase() === "yes",
    ...(agentSocket === undefined ? {} : { agentSocket }),
    proxyJump: proxyJump.split(",").filter((hop) => hop !== ""),
    ...(proxyCommandAt === undefined ? {} : { proxyCommandAt }),
    knownHostsFiles: [
      ...paths(values.get("userknownhostsfile"), [join(ssh, "known_hosts"), join(ssh, "known_hosts2")]),
      ...paths(values.get("globalknownhostsfile"), ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]),
    ],
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    notes,
  };
}

/** The first directive of each keyword that counts for `host`; `ProxyJump` and `ProxyCommand` share one place. */
function readValues(directives: readonly SshDirective[], host: string) {
  const values = new Map<string, SshDirective>();
  const identityFiles: SshDirective[] = [];
  const notes: string[] = [];
  // A block is judged once, where it begins: a HostName inside it does not end its own `Match host`.
  const judged = new Map<SshCondition, boolean>();
  const holds = (condition: SshCondition): boolean => {
    const known = judged.get(condition);
    if (known !== undefined) return known;
    const hostName = expandHostName(values.get("hostname")?.args[0], host);
    const result = judge(condition, { host, hostName, notes });
    judged.set(condition, result);
    return result;
  };
  for (const directive of directives) {
    if (!directive.conditions.every(holds)) continue;
    const { keyword } = directive;
    if (keyword === "identityfile") identityFiles.push(directive);
    const place = keyword === "proxyjump" || keyword === "proxycommand" ? "proxy" : keyword;
    if (!values.has(place)) values.set(place, directive);
  }
  return { values, identityFiles, notes };
}

function judge(
  condition: SshCondition,
  context: { readonly host: string; readonly hostName: string; readonly notes: string[] },
): boolean {
  if (condition.kind === "host") return matchesPatternList(context.host, condition.patterns);
  const unknown: string[] = [];
  for (const { name, negated, patterns } of condition.criteria) {
    const lower = patterns.map((pattern) => pattern.toLowerCase());
    if (name === "all") {
      if (negated) return false;
    } else if (name === "host" || name === "originalhost") {
      const subject = name === "host" ? context.hostName : context.host;
      if (matchesPatternList(subject.toLowerCase(), lower) === negated) return false;
    } else {
      unknown.push(name);
    }
  }
  if (unknown.length === 0) return true;
  // Distributions ship `Match final all`; it only ever adds to what a second pass of ssh would read.
  if (!unknown.includes("final") && !unknown.includes("canonical")) {
    context.notes.push(`${condition.at}: "Match ${unknown.join(" ")}" is not followed; its block is ignored`);
  }
  return false;
}

/** `HostName` knows two tokens only. Source: ssh_config(5), TOKENS. */
function expandHostName(hostName: string | undefined, host: string): string {
  if (hostName === undefined) return host;
  return hostName.replace(/%[%h]/g, (token) => (token === "%h" ? host : "%"));
}

function readPort(directive: SshDirective | undefined): number {
  if (!directive) return 22;
  const [text = ""] = directive.args;
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && isPort(port)) return port;
  throw new ConfigError(`${directive.at}: "${text}" is not a port (1 to 65535).`, {
    hint: "Correct the Port line.",
  });
}

function readAgent(
  directive: SshDirective | undefined,
  options: {
    readonly environment: Surroundings;
    readonly expand: (text: string, directive: SshDirective) => readonly string[];
  },
): string | undefined {
  const { environment, expand } = options;
  const value = directive?.args[0];
  if (directive === undefined || value === undefined || value === "SSH_AUTH_SOCK")
    return environment.agentSocket;
  if (isNone(value)) return undefined;
  if (/^\$[A-Za-z_]/.test(value)) return environment.variable(value.slice(1));
  return expand(value, directive)[0];
}

interface PathContext {
  readonly at: string;
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly environment: Surroundings;
  readonly notes: string[];
}

/** One absolute path, or none (and a note) when it needs something we do not know. */
function expandPath(text: string, context: PathContext): string[] {
  const { environment, host, hostName, port, user } = context;
  const tokens: Readonly<Record<string, string>> = {
    "%%": "%",
    "%d": environment.home,
    "%h": hostName,
    "%i": String(environment.userId),
    "%n": host,
    "%p": String(port),
    "%r": user,
    "%u": environment.userName,
  };
  const unknown: string[] = [];
  const expanded = text.replace(/%.|\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, (token) => {
    const value = token.startsWith("%") ? tokens[token] : environment.variable(token.slice(2, -1));
    if (value === undefined) unknown.push(token);
    return value ?? token;
  });
  if (unknown.length > 0) {
    context.notes.push(`${context.at}: ${text} is left out; ${unknown.join(" and ")} cannot be filled in`);
    return [];
  }
  return [resolvePath(expanded, { home: environment.home, directory: "/" })];
}

function isNone(value: string | undefined): boolean {
  return value?.toLowerCase() === "none";
}
