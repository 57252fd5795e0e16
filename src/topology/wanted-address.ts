import { canonicalIp, isLoopback, servesTcp, servesUnix } from "./address.ts";
import type { HostView } from "./host-view.ts";
import type { UpstreamAddress } from "./target.ts";

/** An address as a proxy asks for it: with the IPs a name stands for, none when they are unknown. */
export interface WantedAddress {
  readonly address: UpstreamAddress;
  readonly ips: readonly string[];
}

/** The IPs an address stands for on a host; a name it cannot resolve gives none. */
export function wantAddress(view: HostView, address: UpstreamAddress): WantedAddress {
  if (address.kind === "unix") {
    const path = view.links.get(address.path) ?? address.path;
    return { address: { kind: "unix", path }, ips: [] };
  }
  const ip = canonicalIp(address.host);
  if (ip === "0.0.0.0") return { address, ips: ["127.0.0.1"] };
  if (ip !== undefined) return { address, ips: [ip] };
  const name = address.host.toLowerCase();
  const known = view.resolves.get(name);
  return { address, ips: known ?? (name === "localhost" ? ["127.0.0.1", "::1"] : []) };
}

/** Whether a socket bound to `bound` on that host answers what is wanted. */
export function serves(view: HostView, bound: UpstreamAddress, { address, ips }: WantedAddress): boolean {
  if (address.kind === "unix") return servesUnix(bound, address.path);
  // an IP that is on none of its interfaces was translated on the way there
  const arriving = ips.map((ip) => (isLocal(view, ip) ? ip : undefined));
  const candidates = arriving.length === 0 ? [undefined] : arriving;
  return candidates.some((ip) => servesTcp(bound, ip, address.port));
}

function isLocal(view: HostView, ip: string): boolean {
  return isLoopback(ip) || view.addresses.includes(ip);
}
