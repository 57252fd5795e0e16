import { compilePattern } from "../common/pcre.ts";
import type { Directive } from "./parse-config.ts";

/** The server block that answers, and how sure that is. */
export interface ChosenServer {
  readonly server: Directive;
  readonly byDefault: boolean;
  /** Named captures of a `server_name ~…`: they are variables. */
  readonly captures: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

interface Listen {
  /** `*`, an IP in URL form (`[::1]` for IPv6), a name, or a socket's path. */
  readonly address: string;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly isDefault: boolean;
  readonly isTls: boolean;
}

/**
 * Chooses as nginx does: the listening address first, then exact name, longest leading wildcard, longest trailing
 * wildcard, first regular expression, default server. The local address of the connection is not known, so each
 * address that has the port is tried, wildcard addresses first.
 * Source: nginx.org "How nginx processes a request", "Server names".
 */
export function selectServer(
  servers: readonly Directive[],
  url: URL,
): ChosenServer | { readonly why: string } {
  const host = canonicalHost(url);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const groups = groupsOn(servers, port);
  for (const group of sortedGroups(groups, host)) {
    const named = byName([...group.servers], host);
    if (named)
      return { ...named, byDefault: false, notes: [...named.notes, ...listenNotes(group, url, port)] };
  }
  const elsewhere = byName(servers, host);
  // an https URL whose name nginx only has on a plain port: TLS ends at an edge in front of it
  if (elsewhere && (groups.length === 0 || url.protocol === "https:")) {
    const note = `No server block has ${host} on port ${port}; the block with that name on another port is used, as when TLS or the port ends in front of nginx.`;
    return { ...elsewhere, byDefault: false, notes: [...elsewhere.notes, note] };
  }
  const [only] = servers;
  if (groups.length === 0 && only && servers.length === 1) {
    const note = `Nothing listens on port ${port} here; the only server block is used, as when a published port leads to it.`;
    return { server: only, byDefault: true, captures: {}, notes: [note] };
  }
  const [group] = sortedGroups(groups, host);
  const [fallback] = group ? [...group.defaults, ...group.servers] : [];
  if (group === undefined || fallback === undefined)
    return { why: `nginx has no server block that listens on port ${port}.` };
  const note = `No server block is named ${host}; the default server of port ${port} answers.`;
  return { server: fallback, byDefault: true, captures: {}, notes: [note, ...listenNotes(group, url, port)] };
}

/** Lower case, without the trailing dot, IPv6 in brackets: the form nginx compares. */
export function canonicalHost(url: URL): string {
  return url.hostname.toLowerCase().replace(/\.$/, "");
}

/** Names of a server block as written; none means it only answers as a default. */
export function serverNames(server: Directive): readonly string[] {
  return (server.block ?? []).filter(({ name }) => name === "server_name").flatMap(({ args }) => args);
}

interface Group {
  readonly address: string;
  readonly servers: Set<Directive>;
  readonly defaults: Set<Directive>;
  isTls: boolean;
}

function groupsOn(servers: readonly Directive[], port: number): Group[] {
  const groups = new Map<string, Group>();
  for (const server of servers) {
    for (const listen of listensOf(server)) {
      if (port < listen.firstPort || port > listen.lastPort) continue;
      const group = groups.get(listen.address) ?? {
        address: listen.address,
        servers: new Set<Directive>(),
        defaults: new Set(),
        isTls: false,
      };
      groups.set(listen.address, group);
      group.servers.add(server);
      if (listen.isDefault) group.defaults.add(server);
      group.isTls ||= listen.isTls;
    }
  }
  return [...groups.values()];
}

function sortedGroups(groups: readonly Group[], host: string): Group[] {
  const rank = ({ address }: Group) =>
    address === host ? 0 : address === "*" ? 1 : address === "[::]" ? 2 : 3;
  return [...groups].sort((one, other) => rank(one) - rank(other));
}

function listensOf(server: Directive): Listen[] {
  const block = server.block ?? [];
  const isLegacyTls = block.some(({ name, args }) => name === "ssl" && args[0] === "on");
  const written = block.filter(
    ({ name, args }) => name === "listen" && !args.includes("quic") && !args.includes("udp"),
  );
  const listens = written.flatMap(({ args }) => parseListen(args, isLegacyTls) ?? []);
  if (written.length > 0 || block.some(({ name }) => name === "listen")) return listens;
  return [{ address: "*", firstPort: 80, lastPort: 80, isDefault: false, isTls: isLegacyTls }];
}

function parseListen([written = "", ...flags]: readonly string[], isLegacyTls: boolean): Listen | undefined {
  if (written.startsWith("unix:")) return undefined;
  const isPortAlone = /^\d+(?:-\d+)?$/.test(written);
  const colon = written.lastIndexOf(":");
  const hasPort = colon > written.lastIndexOf("]");
  const address = isPortAlone ? "*" : hasPort ? written.slice(0, colon) : written;
  const [first = "80", last = first] = (
    isPortAlone ? written : hasPort ? written.slice(colon + 1) : "80"
  ).split("-");
  return {
    address: address === "0.0.0.0" || address === "" ? "*" : address.toLowerCase(),
    firstPort: Number(first),
    lastPort: Number(last),
    isDefault: flags.includes("default_server") || flags.includes("default"),
    isTls: isLegacyTls || flags.includes("ssl"),
  };
}

type Named = Pick<ChosenServer, "server" | "captures" | "notes">;

function byName(servers: readonly Directive[], host: string): Named | undefined {
  const exact = servers.find((server) => serverNames(server).some((name) => isExact(name, host)));
  if (exact) return { server: exact, captures: {}, notes: [] };
  const wildcard =
    longest(servers, (name) => leadingLength(name, host)) ??
    longest(servers, (name) => trailingLength(name, host));
  return wildcard ? { server: wildcard, captures: {}, notes: [] } : byPattern(servers, host);
}

function isExact(written: string, host: string): boolean {
  const name = written.toLowerCase();
  return name === host || (name.startsWith(".") && name.slice(1) === host);
}

/** Length of `*.example.com` or `.example.com` when it fits, else 0. */
function leadingLength(written: string, host: string): number {
  const suffix = written.startsWith("*.")
    ? written.slice(1).toLowerCase()
    : written.startsWith(".")
      ? written.toLowerCase()
      : "";
  return suffix.length > 1 && host.endsWith(suffix) && host.length > suffix.length ? suffix.length : 0;
}

function trailingLength(written: string, host: string): number {
  const prefix = written.endsWith(".*") && !written.startsWith("~") ? written.slice(0, -1).toLowerCase() : "";
  return prefix.length > 1 && host.startsWith(prefix) && host.length > prefix.length ? prefix.length : 0;
}

function longest(servers: readonly Directive[], measure: (name: string) => number): Directive | undefined {
  let best: Directive | undefined;
  let bestLength = 0;
  for (const server of servers) {
    for (const name of serverNames(server)) {
      const length = measure(name);
      if (length > bestLength) [best, bestLength] = [server, length];
    }
  }
  return best;
}

function byPattern(servers: readonly Directive[], host: string): Named | undefined {
  const notes: string[] = [];
  for (const server of servers) {
    for (const name of serverNames(server)) {
      if (!name.startsWith("~")) continue;
      const pattern = compilePattern(name.slice(1), { ignoreCase: true });
      if (pattern === undefined)
        notes.push(
          `server_name ${name} uses a regular expression that cannot be evaluated here; it was taken not to match.`,
        );
      const match = pattern?.(host);
      if (match) return { server, captures: definedOnly(match.named), notes };
    }
  }
  return undefined;
}

export function definedOnly(named: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function listenNotes(group: Group, url: URL, port: number): string[] {
  if (url.protocol === "https:" && !group.isTls)
    return [`nginx listens on port ${port} without TLS, though the URL is https.`];
  if (url.protocol === "http:" && group.isTls)
    return [`nginx expects TLS on port ${port}; a plain http request gets a 400 there.`];
  return [];
}
