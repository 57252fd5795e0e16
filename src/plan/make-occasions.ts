import type { Domain } from "../playbook/playbook.ts";
import { canonicalIp } from "../topology/address.ts";
import type { LogTarget, Owner, ProxyHop, ProxyRoute, Target, UpstreamHop } from "../topology/target.ts";

/** One thing of the target that round 2 looks at on one host. */
export interface Occasion {
  readonly domain: Domain;
  readonly params: Readonly<Record<string, string>>;
  /** Playbook the thing belongs to. */
  readonly of?: string;
}

/** Which looks go first when there are too many: those that tell causes apart by themselves. */
const PRIORITY: readonly Domain[] = [
  "proxy-error-log",
  "service-unit",
  "upstream-unix",
  "upstream-name",
  "upstream-tcp",
  "proxy-unit",
  "service-log",
  "upstream-http",
  "upstream-http-unix",
  "upstream-tls",
  "host",
  "service-pid",
  "dependency-unit",
  "dependency-log",
  "proxy-access-log",
];

const MAX_PIDS = 3;

/**
 * Everything round 2 can look at on `host`. The first of every kind comes before the second of any, so that a group of
 * thirty members does not crowd out the rest.
 */
export function makeOccasions(
  target: Target,
  view: { readonly host: string; readonly url: string; readonly isFailing: boolean },
): Occasion[] {
  const { host, isFailing } = view;
  const url = new URL(view.url);
  const hops = target.proxies.flatMap(proxiesWithin);
  const upstreams = hops.flatMap((hop) => hop.upstreams);
  const all = [
    ...hops.filter((hop) => hop.host === host).flatMap((hop) => proxyOccasions(hop, { url, isFailing })),
    ...upstreams.filter((hop) => hop.host === host && hop.proxy === undefined).flatMap(serviceOccasions),
    ...target.dependencies
      .filter((hop) => hop.host === host)
      .flatMap(({ owner, playbook }) =>
        ownerOccasions(owner, { unit: "dependency-unit", log: "dependency-log", of: playbook }),
      ),
  ];
  const involved = new Set(all.flatMap(({ of }) => of ?? []));
  const perHost: Occasion[] = [{ domain: "host", params: {} }];
  for (const of of involved) perHost.push({ domain: "host", params: {}, of });
  return inOrder([...all, ...perHost]);
}

interface Site {
  readonly url: URL;
  /** The site answers with an error now. */
  readonly isFailing: boolean;
}

function proxiesWithin(hop: ProxyHop): ProxyHop[] {
  return [hop, ...hop.upstreams.flatMap(({ proxy }) => (proxy === undefined ? [] : proxiesWithin(proxy)))];
}

function proxyOccasions(hop: ProxyHop, site: Site): Occasion[] {
  const { owner, route } = hop;
  const of = route?.playbook ?? owner?.playbook;
  const unit = unitOf(owner);
  return [
    ...logOccasions(route?.errorLogs ?? owner?.logs ?? [], "proxy-error-log", of),
    ...logOccasions(route?.accessLogs ?? [], "proxy-access-log", of),
    ...(unit === undefined ? [] : [occasion("proxy-unit", { unit }, of)]),
    ...hop.upstreams.flatMap((upstream) => connectOccasions(upstream, { route, ...site })),
  ];
}

/** The looks at one member from where its proxy stands. */
function connectOccasions(
  { member, resolved }: UpstreamHop,
  { route, url, isFailing }: Site & { readonly route: ProxyRoute | null },
): Occasion[] {
  if (route?.action.kind !== "pass") return [];
  const { protocol } = route.action;
  const { address } = member;
  const authority = url.host;
  const path = `${url.pathname}${url.search}`;
  if (address.kind === "unix") {
    const socket = address.path;
    const look = occasion("upstream-unix", { path: socket });
    return protocol === "http" ? [look, occasion("upstream-http-unix", { socket, authority, path })] : [look];
  }
  const port = String(address.port);
  const isName = canonicalIp(address.host) === undefined;
  const sni = route.settings.sniName ?? (isName ? address.host : url.hostname);
  // a plain proxy in front of a TLS port is seen only by trying; no look for a site that works
  const isTls = protocol === "https" || protocol === "grpcs" || (protocol === "http" && isFailing);
  return [
    ...(isName ? [occasion("upstream-name", { name: address.host })] : []),
    ...resolved.flatMap((ip) => [
      occasion("upstream-tcp", { ip, port }),
      ...(isTls ? [occasion("upstream-tls", { ip, port, sni })] : []),
      ...(protocol === "http" || protocol === "https"
        ? [occasion("upstream-http", { ip, port, scheme: protocol, authority, path })]
        : []),
    ]),
  ];
}

function serviceOccasions({ owner }: UpstreamHop): Occasion[] {
  const masters = mastersFirst(owner).slice(0, MAX_PIDS);
  return [
    ...ownerOccasions(owner, { unit: "service-unit", log: "service-log", of: owner?.playbook }),
    ...masters.map((pid) => occasion("service-pid", { pid: String(pid) }, owner?.playbook)),
  ];
}

function ownerOccasions(
  owner: Owner | undefined,
  as: { readonly unit: Domain; readonly log: Domain; readonly of: string | undefined },
): Occasion[] {
  const unit = unitOf(owner);
  return [
    ...(unit === undefined ? [] : [occasion(as.unit, { unit }, as.of)]),
    ...logOccasions(owner?.logs ?? [], as.log, as.of),
  ];
}

function logOccasions(logs: readonly LogTarget[], domain: Domain, of: string | undefined): Occasion[] {
  return logs.flatMap((log) => (log.kind === "file" ? [occasion(domain, { path: log.path }, of)] : []));
}

function occasion(domain: Domain, params: Occasion["params"], of?: string): Occasion {
  return { domain, params, ...(of === undefined ? {} : { of }) };
}

function unitOf(owner: Owner | undefined): string | undefined {
  if (owner?.manager !== "systemd") return owner?.unit?.unit;
  return owner.unit?.unit ?? owner.name;
}

/** A master starts its workers, so it is the one whose parent is not among them. */
function mastersFirst(owner: Owner | undefined): number[] {
  const processes = owner?.processes ?? [];
  const pids = new Set(processes.map(({ pid }) => pid));
  const isMaster = (ppid: number) => !pids.has(ppid);
  return [...processes]
    .sort((a, b) => Number(isMaster(b.ppid)) - Number(isMaster(a.ppid)) || a.pid - b.pid)
    .map(({ pid }) => pid);
}

function inOrder(occasions: readonly Occasion[]): Occasion[] {
  const seen = new Map<Domain, number>();
  return occasions
    .map((occasion) => {
      const turn = seen.get(occasion.domain) ?? 0;
      seen.set(occasion.domain, turn + 1);
      return { occasion, turn, rank: PRIORITY.indexOf(occasion.domain) };
    })
    .sort((a, b) => a.turn - b.turn || a.rank - b.rank)
    .map(({ occasion }) => occasion);
}
