import type { ProxySettings } from "../../target.ts";
import type { Directive } from "./parse-config.ts";
import type { ReadPass } from "./read-pass.ts";
import { durationMs, inherited, type Scope, setting, sizeBytes } from "./scope.ts";
import type { Variables } from "./variables.ts";

/** One memory page on x86 and arm64; what nginx uses when no size is set. */
const PAGE_BYTES = 4096;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_FAIL_TIMEOUT_MS = 10_000;

/** The settings in force for a pass. Source: nginx.org, ngx_http_proxy_module and its fastcgi, uwsgi, scgi, grpc relatives. */
export function readSettings(
  scope: Scope,
  pass: ReadPass,
  { variables, version }: { readonly variables: Variables; readonly version?: string | undefined },
): ProxySettings {
  const module = moduleOf(pass);
  const isTls = pass.protocol === "https" || pass.protocol === "grpcs";
  const timeout = (name: string) => durationMs(setting(scope, `${module}_${name}`)) ?? DEFAULT_TIMEOUT_MS;
  const trusted = setting(scope, `${module}_ssl_trusted_certificate`);
  const retryMs = ejectionMs(pass.group);
  return {
    connectTimeoutMs: timeout("connect_timeout"),
    readTimeoutMs: timeout("read_timeout"),
    sendTimeoutMs: timeout("send_timeout"),
    headerBufferBytes: sizeBytes(setting(scope, `${module}_buffer_size`)) ?? PAGE_BYTES,
    reusesConnections: reusesConnections(scope, pass, version),
    ...(isTls && {
      verifiesCertificate: setting(scope, `${module}_ssl_verify`) === "on",
      sniName: sniName(scope, pass, variables),
    }),
    ...(isTls && trusted !== undefined && { trustedCertificateFile: trusted }),
    ...(retryMs !== undefined && { balancerRetryMs: retryMs }),
    ...processLimits(scope),
  };
}

/** `worker_connections` and `worker_rlimit_nofile`: both count for one worker process. */
export function processLimits(scope: Scope): ProxySettings {
  const [main = []] = scope;
  const events = main.find(({ name }) => name === "events")?.block ?? [];
  const connections = Number(setting([events], "worker_connections") ?? 512);
  const files = Number(setting([main], "worker_rlimit_nofile") ?? Number.NaN);
  return {
    ...(Number.isInteger(connections) && { maxConnections: connections }),
    ...(Number.isInteger(files) && { maxOpenFiles: files }),
  };
}

/** Facts of these settings an engineer would otherwise have to look up. */
export function settingNotes(scope: Scope, pass: ReadPass): string[] {
  const module = moduleOf(pass);
  const notes: string[] = [];
  const keepalive = pass.group?.block?.some(({ name }) => name === "keepalive");
  if (keepalive && module === "proxy" && setting(scope, "proxy_http_version") === "1.0") {
    notes.push(
      "The upstream group has keepalive, but requests go out as HTTP/1.0, so connections are not kept.",
    );
  }
  const retries = inherited(scope, `${module}_next_upstream`).at(-1)?.args;
  if (retries?.includes("off"))
    notes.push(`${module}_next_upstream is off: a failed request is not tried on another member.`);
  if (setting(scope, `${module}_intercept_errors`) === "on") {
    notes.push(
      `${module}_intercept_errors is on: error pages shown to visitors may be nginx's own although the upstream answered.`,
    );
  }
  const cache = setting(scope, `${module}_cache`);
  if (cache !== undefined && cache !== "off") notes.push(`Answers may come from the cache zone ${cache}.`);
  for (const { args } of inherited(scope, `${module}_cache_valid`)) {
    if (args.includes("any") || args.includes("502"))
      notes.push(
        `${module}_cache_valid keeps error answers for ${args.at(-1)}: a 502 can outlive its cause.`,
      );
  }
  for (const { args } of inherited(scope, "error_page")) {
    if (args.slice(0, -1).includes("502")) notes.push(`error_page shows ${args.at(-1)} for a 502.`);
  }
  const auth = setting(scope, "auth_request");
  if (auth !== undefined && auth !== "off") notes.push(`Every request first asks ${auth} (auth_request).`);
  return notes;
}

function moduleOf({ protocol }: ReadPass): string {
  switch (protocol) {
    case "fastcgi":
    case "uwsgi":
    case "scgi":
      return protocol;
    case "grpc":
    case "grpcs":
      return "grpc";
    case "http":
    case "https":
    case "h2":
    case "ajp":
    case "tcp":
      return "proxy";
  }
}

function sniName(scope: Scope, pass: ReadPass, variables: Variables): string | null {
  const module = moduleOf(pass);
  // gRPC sends it by default, proxy and uwsgi do not
  const isSent = (setting(scope, `${module}_ssl_server_name`) ?? "off") === "on";
  if (!isSent) return null;
  const name = setting(scope, `${module}_ssl_name`);
  const expanded = name === undefined ? undefined : variables.expand(name.replace("$proxy_host", pass.host));
  // the port is never part of it
  return (expanded?.text ?? pass.host).replace(/:\d+$/, "");
}

/** Whether idle upstream connections are used again; from 1.29.7 on that is the default. */
function reusesConnections(
  scope: Scope,
  { group, protocol }: ReadPass,
  version: string | undefined,
): boolean {
  const isDefaultOn = version !== undefined && atLeast(version, [1, 29, 7]);
  const keepalive = group?.block?.find(({ name }) => name === "keepalive");
  const hasPool = keepalive ? keepalive.args[0] !== "0" : isDefaultOn && group !== undefined;
  if (!hasPool) return false;
  if (protocol === "fastcgi") return setting(scope, "fastcgi_keep_conn") === "on";
  if (protocol !== "http" && protocol !== "https") return true;
  const httpVersion = setting(scope, "proxy_http_version") ?? (isDefaultOn ? "1.1" : "1.0");
  const connection = inherited(scope, "proxy_set_header").find(
    ({ args }) => args[0]?.toLowerCase() === "connection",
  );
  const keepsHeader = connection ? connection.args[1] !== "close" : isDefaultOn;
  return httpVersion !== "1.0" && keepsHeader;
}

function atLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split(".").map(Number);
  for (const [index, minimum] of wanted.entries()) {
    const part = parts[index] ?? 0;
    if (part !== minimum) return part > minimum;
  }
  return true;
}

/** How long a failed member stays out; a group with one usable member never ejects it. */
function ejectionMs(group: Directive | undefined): number | undefined {
  const members = (group?.block ?? []).filter(
    ({ name, args }) => name === "server" && !args.includes("down"),
  );
  if (members.length < 2) return undefined;
  const parameter = (args: readonly string[], name: string) =>
    args.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const ejecting = members.filter(({ args }) => parameter(args, "max_fails") !== "0");
  const times = ejecting.map(
    ({ args }) => durationMs(parameter(args, "fail_timeout")) ?? DEFAULT_FAIL_TIMEOUT_MS,
  );
  return times.reduce<number | undefined>((longest, time) => Math.max(longest ?? 0, time), undefined);
}
