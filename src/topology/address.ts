import { isIP, SocketAddress } from "node:net";
import type { UpstreamAddress } from "./target.ts";

/** One spelling per IP: lower case, shortest form, without brackets and scope; IPv4-mapped becomes IPv4. Undefined when it is no IP. */
export function canonicalIp(text: string): string | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const scope = bare.indexOf("%");
  const ip = scope < 0 ? bare : bare.slice(0, scope);
  const family = isIP(ip);
  if (family === 0) return undefined;
  if (family === 4) return ip;
  const shortest = new SocketAddress({ address: ip, family: "ipv6" }).address;
  const mapped = shortest.startsWith("::ffff:") ? shortest.slice("::ffff:".length) : "";
  return isIP(mapped) === 4 ? mapped : shortest;
}

export function isLoopback(ip: string): boolean {
  return ip === "::1" || ip.startsWith("127.");
}

/** `/var/run` is a link to `/run` on every systemd host; one program names the link, the other the directory. */
export function canonicalSocketPath(path: string): string {
  return path.startsWith("/var/run/") ? path.slice("/var".length) : path;
}

/**
 * Reads `host:port`, `[v6]:port`, `:port`, a bare port, `unix:<path>`, an absolute path, or an abstract `@name`.
 * A missing host is `defaultHost`. Undefined for anything else.
 */
export function parseAddress(text: string, defaultHost = "*"): UpstreamAddress | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith("unix:")) return unixAddress(trimmed.slice("unix:".length));
  if (trimmed.startsWith("/") || trimmed.startsWith("@")) return unixAddress(trimmed);
  const colon = trimmed.lastIndexOf(":");
  const port = parsePort(trimmed.slice(colon + 1));
  if (port === undefined) return undefined;
  const host = trimmed.slice(0, Math.max(colon, 0));
  return { kind: "tcp", host: host === "" ? defaultHost : withoutBrackets(host), port };
}

/** 1 to 65535 in plain decimal digits. */
export function parsePort(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** Short form for people and for keys: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/app.sock`. */
export function renderAddress(address: UpstreamAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/**
 * Whether a socket bound to `bound` answers connections to `ip:port`. `::` is an IPv6-only wildcard and `*` one for
 * both families, as `ss` prints them; with an unknown ip any socket of that port will do that is not loopback-only.
 */
export function servesTcp(bound: UpstreamAddress, ip: string | undefined, port: number): boolean {
  if (bound.kind !== "tcp" || bound.port !== port) return false;
  const boundIp = bound.host === "localhost" ? "127.0.0.1" : canonicalIp(bound.host);
  if (ip === undefined) return boundIp === undefined || !isLoopback(boundIp);
  if (boundIp === undefined) return true; // `*`, or a name only that host could resolve
  if (boundIp === "0.0.0.0" || boundIp === "::") return isIP(boundIp) === isIP(ip);
  return boundIp === ip || (bound.host === "localhost" && ip === "::1");
}

export function servesUnix(bound: UpstreamAddress, path: string): boolean {
  return bound.kind === "unix" && canonicalSocketPath(bound.path) === canonicalSocketPath(path);
}

function unixAddress(path: string): UpstreamAddress | undefined {
  return path === "" ? undefined : { kind: "unix", path };
}

function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
