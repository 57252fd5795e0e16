import { renderAddress } from "./address.ts";
import type { ProxyHop, UpstreamHop } from "./target.ts";
import type { Terrain } from "./terrain.ts";

/** Where the operator's words and the live configuration differ: each one sentence with both sides. */
export function findMismatches(proxies: readonly ProxyHop[], { request }: Terrain): string[] {
  const last = proxies.flatMap(lastHops);
  return [
    ...strangers(proxies, { hosts: request.upstreams.map(({ name }) => name), last }),
    ...last.flatMap((hop) => wrongService(hop, request.service)),
  ];
}

/** The application's end of every chain. */
function lastHops(hop: ProxyHop): UpstreamHop[] {
  return hop.upstreams.flatMap((upstream) =>
    upstream.proxy === undefined ? [upstream] : lastHops(upstream.proxy),
  );
}

function strangers(
  proxies: readonly ProxyHop[],
  { hosts, last }: { readonly hosts: readonly string[]; readonly last: readonly UpstreamHop[] },
): string[] {
  if (hosts.length === 0 || last.length === 0) return [];
  const proxyNames = proxies.map(({ host }) => host).join(", ");
  const live = [...new Set(last.map(({ member }) => renderAddress(member.address)))].join(", ");
  const reached = new Set([...last, ...proxies].map(({ host }) => host));
  for (const { proxy } of proxies.flatMap(({ upstreams }) => upstreams)) reached.add(proxy?.host);
  return hosts
    .filter((host) => !reached.has(host))
    .map(
      (host) =>
        `${host} is given as upstream, but ${proxyNames} sends requests to ${live}, which is not on it.`,
    );
}

function wrongService(
  { member, owner, host }: UpstreamHop,
  service: Terrain["request"]["service"],
): string[] {
  if (service?.kind !== "systemd" || owner === undefined) return [];
  const names = [owner.name, ...(owner.unit?.names ?? [])];
  if (owner.by === "listener" && !names.includes(service.unit)) {
    const who = owner.name ?? owner.processes[0]?.comm ?? "a program without a unit";
    return [
      `${service.unit} is given as the service, but ${who} listens on ${renderAddress(member.address)}.`,
    ];
  }
  if (owner.by === "config" && owner.unit === undefined) {
    return [
      `${service.unit} is given as the service, but systemd on ${host ?? "the host"} does not list it.`,
    ];
  }
  return [];
}
