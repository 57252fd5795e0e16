import { isLoopback } from "./address.ts";
import type { HostView } from "./host-view.ts";
import type { Terrain } from "./terrain.ts";
import type { WantedAddress } from "./wanted-address.ts";

/**
 * Which of our hosts an address leads to, as seen from `from`. A name nobody can resolve yet leads to the host of that
 * name, or to the only upstream host the operator gave.
 */
export function locateHost(
  { address, ips }: WantedAddress,
  { from, terrain }: { readonly from: HostView; readonly terrain: Terrain },
): HostView | undefined {
  if (address.kind === "unix" || ips.some((ip) => isLoopback(ip) || from.addresses.includes(ip))) return from;
  const others = [...terrain.views.values()].filter(({ name }) => name !== from.name);
  // addresses of container bridges exist on many hosts at once and tell nothing
  const owners = others.filter(({ addresses }) => ips.some((ip) => addresses.includes(ip)));
  if (owners.length > 0) return owners.length === 1 ? owners[0] : undefined;
  if (ips.length > 0) return undefined;
  const named = others.find(({ names }) => names.includes(address.host.toLowerCase()));
  if (named !== undefined) return named;
  const [only, ...more] = terrain.request.upstreams;
  return only === undefined || more.length > 0 ? undefined : terrain.views.get(only.name);
}
