import type { Playbook } from "../playbook/playbook.ts";
import { canonicalIp, parseAddress } from "./address.ts";
import { findProxy, outermost, type ProxyCandidate } from "./find-proxy.ts";
import { findService } from "./find-service.ts";
import type { HostView } from "./host-view.ts";
import { locateHost } from "./locate-host.ts";
import { present } from "./present.ts";
import type { Owner, ProxyHop, UpstreamHop, UpstreamMember, UpstreamProtocol } from "./target.ts";
import type { Terrain } from "./terrain.ts";
import { wantAddress } from "./wanted-address.ts";

const DEFAULT_PORTS = [80, 443] as const;
/** Proxies behind proxies: edge, balancer, web server. */
const MAX_DEPTH = 3;

interface Step {
  /** The proxy's host. */
  readonly from: HostView;
  readonly protocol: UpstreamProtocol;
  readonly url: URL;
  readonly terrain: Terrain;
  /** The proxies passed so far. */
  readonly trail: readonly string[];
}

/** The outermost proxy of a host for the URL, with everything behind it. */
export function makeProxyHop(view: HostView, url: URL, terrain: Terrain): ProxyHop {
  const ports = portsOf(url, terrain);
  const candidates = terrain.playbooks.flatMap((playbook) => findProxy(view, playbook, { url, ports }) ?? []);
  const chosen = outermost(candidates);
  if (chosen === undefined) {
    return {
      host: view.name,
      route: null,
      why: whyNone(view),
      listening: anyListens(view, ports),
      upstreams: [],
    };
  }
  return followRoute(view, chosen, { url, terrain, trail: [] });
}

function followRoute(
  view: HostView,
  { playbook, owner, route, why, listens }: ProxyCandidate,
  step: {
    readonly url: URL;
    readonly terrain: Terrain;
    readonly trail: readonly string[];
  },
): ProxyHop {
  const { url, terrain } = step;
  const trail = [...step.trail, hopKey(view, playbook, url)];
  const pass = route?.action.kind === "pass" ? route.action : undefined;
  return present({
    host: view.name,
    owner,
    route,
    why,
    listening:
      listens !== "no" ? ("yes" as const) : view.tcp.complete ? ("no" as const) : ("unknown" as const),
    upstreams: (pass?.members ?? []).map((member) =>
      makeUpstreamHop(member, { from: view, protocol: pass?.protocol ?? "http", url, terrain, trail }),
    ),
  });
}

/** Joins one member of an upstream group to its host, its listener and its service, or to the next proxy. */
function makeUpstreamHop(member: UpstreamMember, step: Step): UpstreamHop {
  const { from, terrain } = step;
  const wanted = wantAddress(from, member.address);
  const view = locateHost(wanted, { from, terrain });
  if (view === undefined) return { member, resolved: wanted.ips, listening: "unknown" };
  const { listening, listener, owner, alternatives } = findService(view, wanted, terrain.request.service);
  const proxy = innerProxy(view, member, { ...step, owner, listening });
  return present({
    member,
    host: view.name,
    resolved: wanted.ips,
    listening,
    listener,
    owner: proxy === undefined ? owner : (proxy.owner ?? owner),
    alternatives: proxy === undefined ? alternatives : undefined,
    proxy,
  });
}

/**
 * The proxy at that address. When a socket, a configuration or the operator says whose the address is, only that
 * product comes into question; else one that runs where something listens, or a stopped one where nothing does.
 */
function innerProxy(
  view: HostView,
  { address }: UpstreamMember,
  step: Step & { readonly owner: Owner | undefined; readonly listening: UpstreamHop["listening"] },
): ProxyHop | undefined {
  const { terrain, trail, owner, listening } = step;
  if (trail.length >= MAX_DEPTH || address.kind !== "tcp" || !isHttp(step.protocol)) return undefined;
  const url = innerUrl(step.url, { protocol: step.protocol, port: address.port });
  const ports = [address.port];
  const isKnown = owner !== undefined && owner.by !== "elimination";
  for (const playbook of terrain.playbooks) {
    if (isKnown ? owner.playbook !== playbook.id : isOnTrail(trail, view, playbook)) continue;
    if (trail.includes(hopKey(view, playbook, url))) continue;
    const found = findProxy(view, playbook, { url, ports });
    if (found === undefined || found.route === null) continue;
    const isStopped = found.owner?.processes.length === 0;
    if (!isKnown && (listening === "yes" ? found.listens === "no" : !isStopped)) continue;
    return followRoute(view, found, { url, terrain, trail });
  }
  return undefined;
}

/** One visit of one proxy at one port: meeting it again is a loop. */
function hopKey(view: HostView, playbook: Playbook, url: URL): string {
  return `${view.name} ${playbook.id} ${portOf(url)}`;
}

function isOnTrail(trail: readonly string[], view: HostView, playbook: Playbook): boolean {
  return trail.some((key) => key.startsWith(`${view.name} ${playbook.id} `));
}

function isHttp(protocol: UpstreamProtocol): boolean {
  return protocol === "http" || protocol === "https" || protocol === "h2" || protocol === "tcp";
}

/** The URL as the inner proxy is asked for it: same site, its own port. */
function innerUrl(
  url: URL,
  { protocol, port }: { readonly protocol: UpstreamProtocol; readonly port: number },
): URL {
  const inner = new URL(url);
  inner.protocol = protocol === "https" ? "https:" : "http:";
  inner.port = String(port);
  return inner;
}

function portOf(url: URL): number {
  return url.port === "" ? DEFAULT_PORTS[url.protocol === "https:" ? 1 : 0] : Number(url.port);
}

/** Where requests for the URL may arrive: an edge may end TLS and come to the other of the two well-known ports. */
function portsOf(url: URL, { request }: Terrain): readonly number[] {
  const pinned = request.pinnedAddresses.flatMap((text) => {
    const address = canonicalIp(text) === undefined ? parseAddress(text) : undefined;
    return address?.kind === "tcp" ? [address.port] : [];
  });
  return [...pinned, portOf(url), ...(url.port === "" ? DEFAULT_PORTS : [])];
}

function anyListens(view: HostView, ports: readonly number[]): ProxyHop["listening"] {
  const isTaken = view.tcp.listeners.some(
    ({ address }) => address.kind === "tcp" && ports.includes(address.port),
  );
  if (isTaken) return "yes";
  return view.tcp.complete ? "no" : "unknown";
}

function whyNone(view: HostView): string {
  const saw = view.processes.length > 0 || view.units.length > 0;
  return saw ? "no proxy we know was found on this host" : "the host could not be looked at";
}
