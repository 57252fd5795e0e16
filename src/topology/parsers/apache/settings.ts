import { isIP } from "node:net";
import { present } from "../../present.ts";
import type { ProxySettings } from "../../target.ts";
import type { ReadWorker } from "./read-worker.ts";
import { durationMs, type Scope, setting } from "./scope.ts";

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_RETRY_MS = 60_000;
/** ResponseFieldSize of mod_proxy_http. */
const DEFAULT_FIELD_BYTES = 8192;

/** The settings in force for a worker. Source: httpd.apache.org, mod_proxy (worker parameters), mod_ssl (SSLProxy*). */
export function readSettings(
  scope: Scope,
  { parameters, protocol, host, action }: ReadWorker,
  url: URL,
): ProxySettings {
  const isTls = protocol === "https";
  const isOff = (name: string) => setting(scope, name)?.toLowerCase() === "off";
  const workerMs = durationMs(parameters.get("timeout"));
  const serverMs =
    durationMs(setting(scope, "proxytimeout")) ?? durationMs(setting(scope, "timeout")) ?? DEFAULT_TIMEOUT_MS;
  const verifyMode = setting(scope, "sslproxyverify")?.toLowerCase() ?? "none";
  const checksPeer = !isOff("sslproxycheckpeerexpire") || !isOff("sslproxycheckpeername");
  const isGroup = action.kind === "pass" && action.group !== undefined;
  const field = Number(parameters.get("responsefieldsize") ?? DEFAULT_FIELD_BYTES);
  return present({
    connectTimeoutMs: durationMs(parameters.get("connectiontimeout")) ?? workerMs ?? serverMs,
    readTimeoutMs: workerMs ?? serverMs,
    sendTimeoutMs: workerMs ?? serverMs,
    headerBufferBytes: Number.isInteger(field) ? field : DEFAULT_FIELD_BYTES,
    verifiesCertificate: isTls ? verifyMode !== "none" || checksPeer : undefined,
    sniName: isTls ? sniName(scope, host, url) : undefined,
    trustedCertificateFile: isTls
      ? (setting(scope, "sslproxycacertificatefile") ?? setting(scope, "sslproxycacertificatepath"))
      : undefined,
    reusesConnections: reuses(protocol, parameters),
    balancerRetryMs: isGroup ? (durationMs(parameters.get("retry")) ?? DEFAULT_RETRY_MS) : undefined,
    ...workerLimit(scope),
  });
}

/** `MaxRequestWorkers`: requests served at once. */
export function workerLimit(scope: Scope): ProxySettings {
  const limit = Number(setting(scope, "maxrequestworkers") ?? setting(scope, "maxclients") ?? Number.NaN);
  return Number.isInteger(limit) ? { maxConnections: limit } : {};
}

/** Facts of these settings an engineer would otherwise have to look up. */
export function settingNotes(scope: Scope, { protocol, action, parameters }: ReadWorker): string[] {
  const notes: string[] = [];
  if (protocol === "https" && setting(scope, "sslproxyengine")?.toLowerCase() !== "on") {
    notes.push("The upstream is https but SSLProxyEngine is not on: every request fails.");
  }
  if (action.kind === "pass" && action.members.length === 0)
    notes.push(`${action.group ?? "The balancer"} has no BalancerMember in the files read.`);
  if (setting(scope, "proxyerroroverride")?.toLowerCase() === "on") {
    notes.push(
      "ProxyErrorOverride is on: error pages shown to visitors are Apache's own although the upstream answered.",
    );
  }
  const names = action.kind === "pass" ? action.members.filter(({ lookup }) => lookup === "at-start") : [];
  for (const { label } of names)
    notes.push(`Apache keeps the address ${label} first resolved to; a changed DNS record needs a reload.`);
  const max = parameters.get("max");
  if (max !== undefined) notes.push(`Each Apache process opens at most ${max} connections to the upstream.`);
  return notes;
}

/** The name Apache asks for: the visitor's with ProxyPreserveHost, else the worker's; addresses are never sent. */
function sniName(scope: Scope, host: string, url: URL): string | null {
  const name = setting(scope, "proxypreservehost")?.toLowerCase() === "on" ? url.hostname : host;
  return name === "" || isIP(name.replace(/^\[|\]$/g, "")) !== 0 ? null : name;
}

/** HTTP and AJP workers keep connections, FastCGI and its like only when told to. */
function reuses(protocol: ReadWorker["protocol"], parameters: ReadonlyMap<string, string>): boolean {
  const isOn = (name: string) => parameters.get(name)?.toLowerCase() === "on";
  if (isOn("disablereuse")) return false;
  return protocol === "fastcgi" || protocol === "scgi" || protocol === "uwsgi" ? isOn("enablereuse") : true;
}
