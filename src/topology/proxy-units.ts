import type { ProxyHop, Target } from "./target.ts";

/** The units of all proxies of the target that run on this host: nothing we do may touch them. */
export function proxyUnitsOn(host: string, target: Target): readonly string[] {
  const hops = target.proxies.flatMap(withInner);
  const units = hops.filter((hop) => hop.host === host).flatMap(({ owner }) => owner?.unit ?? []);
  return [...new Set(units.flatMap(({ unit, names }) => [unit, ...names]))];
}

function withInner(hop: ProxyHop): readonly ProxyHop[] {
  return [hop, ...hop.upstreams.flatMap(({ proxy }) => (proxy === undefined ? [] : withInner(proxy)))];
}
