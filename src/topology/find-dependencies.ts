import type { Playbook } from "../playbook/playbook.ts";
import { type HostService, makeOwner, serviceOfProcess, serviceOfUnit } from "./host-services.ts";
import type { HostView } from "./host-view.ts";
import { present } from "./present.ts";
import type { DependencyHop } from "./target.ts";
import type { Terrain } from "./terrain.ts";

/** Databases and caches: those the operator names, and those that live on a host we see. */
export function findDependencies({ request, playbooks, views }: Terrain): DependencyHop[] {
  const known = playbooks.filter(({ role }) => role === "dependency");
  const named = request.dependencies.flatMap(({ kind, host }): DependencyHop[] => {
    const view = views.get(host);
    const playbook = known.find(({ id }) => id === kind);
    const services = view === undefined || playbook === undefined ? [] : dependencyServices(view, playbook);
    if (view === undefined || services.length === 0) {
      return [{ playbook: kind, host, by: "config", listening: "unknown" }];
    }
    return services.map((service) => makeDependencyHop(view, service, { playbook: kind, by: "config" }));
  });
  const found = [...views.values()].flatMap((view) =>
    known
      .filter(({ id }) => !named.some(({ playbook, host }) => playbook === id && host === view.name))
      .flatMap((playbook) =>
        dependencyServices(view, playbook)
          .filter(isInUse)
          .map((service) => makeDependencyHop(view, service, { playbook: playbook.id, by: "same-host" })),
      ),
  );
  return [...named, ...found];
}

/** Its units, but for wrappers that only start others; without a unit, the process itself. */
function dependencyServices(view: HostView, playbook: Playbook): HostService[] {
  const units = view.units.filter(
    (unit) =>
      unit.unit.endsWith(".service") &&
      !unit.unit.endsWith("@.service") &&
      unit.loadState !== "not-found" &&
      unit.type !== "oneshot" &&
      view.detector.unit(unit) === playbook,
  );
  if (units.length > 0) return units.map((unit) => serviceOfUnit(view, unit));
  const own = view.processes.filter((process) => view.detector.process(process) === playbook);
  const pids = new Set(own.map(({ pid }) => pid));
  return own.filter(({ ppid }) => !pids.has(ppid)).map((root) => serviceOfProcess(view, root, own));
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
