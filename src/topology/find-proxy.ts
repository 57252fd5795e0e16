import type { Playbook } from "../playbook/playbook.ts";
import { isLoopback } from "./address.ts";
import { type HostService, makeOwner, serviceOfProcess, serviceOfUnit } from "./host-services.ts";
import type { HostView } from "./host-view.ts";
import { parserOf } from "./parsers.ts";
import type { Owner, ProxyRoute } from "./target.ts";

/** A proxy product found on a host, and what its configuration says about the URL. */
export interface ProxyCandidate {
  readonly playbook: Playbook;
  readonly owner: Owner | undefined;
  readonly route: ProxyRoute | null;
  readonly why?: string;
  /** It holds a socket the URL's requests arrive at; `maybe`: it runs, and we may not see whose that socket is. */
  readonly listens: "yes" | "maybe" | "no";
}

/** Undefined when nothing on the host speaks of this product. A stopped proxy counts: its unit and files are there. */
export function findProxy(
  view: HostView,
  playbook: Playbook,
  { url, ports }: { readonly url: URL; readonly ports: readonly number[] },
): ProxyCandidate | undefined {
  const readRoute = playbook.role === "proxy" ? parserOf(playbook)?.route : undefined;
  if (readRoute === undefined) return undefined;
  const input = view.parserInput(playbook);
  const found = ownerOfProxy(view, playbook);
  const wasRead = input.results.some(
    ({ outcome, output }) => outcome.kind === "exited" && output.trim() !== "",
  );
  if (found === undefined && !wasRead) return undefined;
  const listens = listensOn(view, found, ports);
  const owner: Owner | undefined =
    found !== undefined && listens === "yes" ? { ...found, by: "listener" } : found;
  return { playbook, owner, ...readRoute(input, url), listens };
}

function ownerOfProxy(view: HostView, playbook: Playbook): Owner | undefined {
  const services = view.units
    .filter(
      (unit) =>
        unit.loadState !== "not-found" &&
        !unit.unit.endsWith("@.service") &&
        unit.unit.endsWith(".service") &&
        view.detector.unit(unit) === playbook,
    )
    .map((unit) => serviceOfUnit(view, unit));
  const service =
    services.find(({ processes }) => processes.length > 0) ?? services.find(isWanted) ?? services[0];
  if (service !== undefined) return makeOwner(service, { by: "declared" });
  const own = view.processes.filter((process) => view.detector.process(process) === playbook);
  const pids = new Set(own.map(({ pid }) => pid));
  const root = own.find(({ ppid }) => !pids.has(ppid));
  return root === undefined ? undefined : makeOwner(serviceOfProcess(view, root, own), { by: "declared" });
}

/** A package may bring a unit that stays off beside the one that is used. */
function isWanted({ unit }: HostService): boolean {
  return unit?.unitFileState.startsWith("enabled") === true;
}

function listensOn(
  view: HostView,
  owner: Owner | undefined,
  ports: readonly number[],
): ProxyCandidate["listens"] {
  const pids = new Set(owner?.processes.map(({ pid }) => pid));
  const there = view.tcp.listeners.filter(
    ({ address }) => address.kind === "tcp" && ports.includes(address.port),
  );
  if (there.some(({ processes }) => processes.some(({ pid }) => pids.has(pid)))) return "yes";
  return pids.size > 0 && there.some(({ processes }) => processes.length === 0) ? "maybe" : "no";
}

/**
 * Who meets the request first: the one that listens, when its configuration names the site, passes it on or cannot be read; else a
 * stopped one that names the site; else whoever listens or at least has a route.
 */
export function outermost(candidates: readonly ProxyCandidate[]): ProxyCandidate | undefined {
  const unsure = candidates.filter(({ listens }) => listens === "maybe");
  const fronts = unsure.filter(passesWithinHost);
  // one port has one owner: of several that may be it, the one that passes on to a neighbour stands in front
  const front = unsure.length > 1 && fronts.length === 1 ? fronts[0] : undefined;
  return front ?? candidates.toSorted((a, b) => rank(b) - rank(a))[0];
}

function passesWithinHost({ route }: ProxyCandidate): boolean {
  if (route?.action.kind !== "pass") return false;
  return route.action.members.some(
    ({ address }) => address.kind === "tcp" && (address.host === "localhost" || isLoopback(address.host)),
  );
}

function rank({ listens, route, owner }: ProxyCandidate): number {
  const isThere = listens !== "no";
  const names = route !== null && !route.byDefault;
  const passes = route !== null && route.action.kind !== "local";
  if (isThere && names) return 5;
  if (isThere && passes) return 4;
  // the port is its own, and nobody knows what its configuration says
  if (listens === "yes" && route === null) return 4;
  if (names && owner?.processes.length === 0) return 3;
  if (isThere) return 2;
  return route === null ? 0 : 1;
}
