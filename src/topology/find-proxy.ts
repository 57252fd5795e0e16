import type { Playbook } from "../playbook/playbook.ts";
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
  /** It holds a socket the URL's requests arrive at. */
  readonly listens: boolean;
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
  const listens = ports.some((port) => listensOn(view, found, port));
  const owner: Owner | undefined = found !== undefined && listens ? { ...found, by: "listener" } : found;
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

/** A socket that is not for the host alone. Without the right to see whose it is, a running proxy is believed. */
function listensOn(view: HostView, owner: Owner | undefined, port: number): boolean {
  const pids = new Set(owner?.processes.map(({ pid }) => pid));
  return view.tcp.listeners.some(
    ({ address, processes }) =>
      address.kind === "tcp" &&
      address.port === port &&
      (processes.length === 0 ? pids.size > 0 : processes.some(({ pid }) => pids.has(pid))),
  );
}

/**
 * Who meets the request first: the one that listens, when its configuration names the site or passes it on; else a
 * stopped one that names the site; else whoever listens or at least has a route.
 */
export function outermost(candidates: readonly ProxyCandidate[]): ProxyCandidate | undefined {
  const rank = ({ listens, route, owner }: ProxyCandidate) => {
    const names = route !== null && !route.byDefault;
    const passes = route !== null && route.action.kind !== "local";
    if (listens && names) return 5;
    if (listens && passes) return 4;
    if (names && owner?.processes.length === 0) return 3;
    if (listens) return 2;
    return route === null ? 0 : 1;
  };
  return candidates.toSorted((a, b) => rank(b) - rank(a))[0];
}
