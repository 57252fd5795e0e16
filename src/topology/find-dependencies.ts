import type { Playbook } from "../playbook/playbook.ts";
import { type HostService, makeOwner, serviceOfProcess, serviceOfUnit } from "./host-services.ts";
import type { HostView } from "./host-view.ts";
import { locateHost } from "./locate-host.ts";
import { present } from "./present.ts";
import type { DependencyHop, UnitState } from "./target.ts";
import type { Terrain } from "./terrain.ts";
import { wantAddress } from "./wanted-address.ts";

/** Databases and caches: those the operator names, those the application talks to, those that live on a host we see. */
export function findDependencies(terrain: Terrain): DependencyHop[] {
  const known = terrain.playbooks.filter(({ role }) => role === "dependency");
  const hops = [
    ...namedDependencies(terrain, known),
    ...connectedDependencies(terrain, known),
    ...localDependencies(terrain, known),
  ];
  // the operator's word first, then what was seen in use
  const first = new Map<string, DependencyHop>();
  for (const hop of hops) {
    const key = `${hop.playbook} ${hop.host} ${hop.owner?.name ?? ""}`;
    if (!first.has(key)) first.set(key, hop);
  }
  return [...first.values()];
}

function namedDependencies({ request, views }: Terrain, known: readonly Playbook[]): DependencyHop[] {
  return request.dependencies.flatMap(({ kind, host }) => {
    const playbook = known.find(({ id }) => id === kind);
    const hops = playbook === undefined ? [] : hopsOn(views.get(host), playbook, "config");
    return hops.length > 0
      ? hops
      : [{ playbook: kind, host, by: "config" as const, listening: "unknown" as const }];
  });
}

/** By the well-known port of the peer; on a machine that is not ours it goes by its address. */
function connectedDependencies(terrain: Terrain, known: readonly Playbook[]): DependencyHop[] {
  return [...terrain.views.values()].flatMap((from) =>
    from.connections.flatMap(({ peer }) => {
      const playbook = known.find(({ detect }) => detect.ports.includes(peer.port));
      if (playbook === undefined) return [];
      const wanted = wantAddress(from, { kind: "tcp", host: peer.ip, port: peer.port });
      const hops = hopsOn(locateHost(wanted, { from, terrain }), playbook, "sockets");
      if (hops.length > 0) return hops;
      return [
        { playbook: playbook.id, host: peer.ip, by: "sockets" as const, listening: "unknown" as const },
      ];
    }),
  );
}

function localDependencies({ views }: Terrain, known: readonly Playbook[]): DependencyHop[] {
  return [...views.values()].flatMap((view) =>
    known.flatMap((playbook) => hopsOn(view, playbook, "same-host")),
  );
}

function hopsOn(view: HostView | undefined, playbook: Playbook, by: DependencyHop["by"]): DependencyHop[] {
  if (view === undefined) return [];
  const services = dependencyServices(view, playbook);
  const inUse = by === "config" ? services : services.filter(isInUse);
  return inUse.map((service) => makeDependencyHop(view, service, { playbook: playbook.id, by }));
}

/** Its units, but for wrappers that only start others; without a unit, the process itself. */
function dependencyServices(view: HostView, playbook: Playbook): HostService[] {
  const units = view.units.filter(
    (unit) =>
      unit.unit.endsWith(".service") &&
      !unit.unit.endsWith("@.service") &&
      unit.loadState !== "not-found" &&
      !isWrapper(unit) &&
      view.detector.unit(unit) === playbook,
  );
  if (units.length > 0) return units.map((unit) => serviceOfUnit(view, unit));
  const own = view.processes.filter((process) => view.detector.process(process) === playbook);
  const pids = new Set(own.map(({ pid }) => pid));
  return own.filter(({ ppid }) => !pids.has(ppid)).map((root) => serviceOfProcess(view, root, own));
}

/** Debian's postgresql.service does nothing itself: the clusters' units do. */
function isWrapper({ type, execStart }: UnitState): boolean {
  return type === "oneshot" || execStart.startsWith("/bin/true");
}

/** It runs, broke, or is meant to run. */
function isInUse({ unit, processes }: HostService): boolean {
  if (processes.length > 0 || unit === undefined) return true;
  return unit.activeState !== "inactive" || unit.unitFileState.startsWith("enabled");
}

function makeDependencyHop(
  view: HostView,
  service: HostService,
  { playbook, by }: Pick<DependencyHop, "playbook" | "by">,
): DependencyHop {
  const owner = makeOwner(service, { by: service.listens.length > 0 ? "listener" : "declared" });
  return present({ playbook, host: view.name, owner, by, listening: listeningOf(view, service) });
}

/** Without the right to see whose socket it is, one on the port the product is known for will do. */
function listeningOf(
  view: HostView,
  { listens, playbook, addresses }: HostService,
): DependencyHop["listening"] {
  if (listens.length > 0) return "yes";
  const ports = new Set([
    ...(playbook?.detect.ports ?? []),
    ...addresses.flatMap((address) => (address.kind === "tcp" ? [address.port] : [])),
  ]);
  const isOpen = view.tcp.listeners.some(({ address }) => address.kind === "tcp" && ports.has(address.port));
  if (isOpen) return "yes";
  return view.tcp.complete ? "no" : "unknown";
}
