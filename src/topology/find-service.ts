import type { ServiceOverride } from "../intake/diagnosis-request.ts";
import { eliminate } from "./eliminate.ts";
import {
  applicationServices,
  type HostService,
  isOf,
  makeOwner,
  serviceOfProcess,
  serviceOfUnit,
} from "./host-services.ts";
import type { HostView, KnownService } from "./host-view.ts";
import { present } from "./present.ts";
import type { Listener, Owner, ProcessInfo, UpstreamHop } from "./target.ts";
import { serves, type WantedAddress } from "./wanted-address.ts";

const BARE_OWNER = { processes: [], declaredAddresses: [], logs: [], settings: {} };

type Found = Pick<UpstreamHop, "listening" | "listener" | "owner" | "alternatives">;

/** What listens at an address of a host, whose it is, and when nothing does, whose it should be. */
export function findService(
  view: HostView,
  wanted: WantedAddress,
  override: ServiceOverride | undefined,
): Found {
  const listener = findListener(view, wanted);
  const listening = listeningOf(view, wanted, listener);
  const services = applicationServices(view);
  const owner =
    renamed(ownerByListener(view, listener, wanted), override) ??
    ownerByConfig(view, override) ??
    ownerByDeclaration(view, services, wanted) ??
    ownerBySocketUnit(view, wanted) ??
    eliminate(services, { isRunning: listener !== undefined });
  if (listening === "yes") return present({ listening, listener, owner });
  const alternatives = services
    .filter(({ unit }) => unit === undefined || unit.unit !== owner?.unit?.unit)
    .filter(
      ({ unit, listens }) => listens.length > 0 || (unit !== undefined && unit.unitFileState !== "disabled"),
    )
    .map((service) => ({ owner: makeOwner(service, { by: "elimination" }), listens: service.listens }));
  return present({
    // a declared socket may be a link to one that listens: whether it leads there is for a look to say
    listening: wanted.address.kind === "unix" && listensOnItsOtherSocket(view, owner) ? "unknown" : listening,
    owner,
    alternatives: alternatives.length > 0 ? alternatives : undefined,
  });
}

function findListener(view: HostView, wanted: WantedAddress): Listener | undefined {
  const table = wanted.address.kind === "unix" ? view.unix : view.tcp;
  return table.listeners.find(({ address }) => serves(view, address, wanted));
}

function listeningOf(
  view: HostView,
  { address }: WantedAddress,
  listener: Listener | undefined,
): UpstreamHop["listening"] {
  if (listener !== undefined) return "yes";
  const table = address.kind === "unix" ? view.unix : view.tcp;
  return table.complete ? "no" : "unknown";
}

function ownerByListener(
  view: HostView,
  listener: Listener | undefined,
  wanted: WantedAddress,
): Owner | undefined {
  const pids = new Set(listener?.processes.map(({ pid }) => pid));
  // systemd itself holds the socket of a unit it has not started yet
  const holders = view.processes.filter(({ pid }) => pids.has(pid) && pid !== 1);
  const root = rootOf(holders);
  if (root === undefined) return undefined;
  const unit = view.units.find((candidate) => isOf(candidate, root.unit));
  const service = unit === undefined ? serviceOfProcess(view, root) : serviceOfUnit(view, unit);
  const declared = service.declared.find((part) => declares(view, part, wanted));
  const owner = makeOwner(service, { by: "listener", declared, holders });
  // a unit `systemctl show` was not asked about is still known by its cgroup
  return unit === undefined && root.unit !== undefined
    ? { ...owner, manager: "systemd", name: root.unit }
    : owner;
}

/** The one that started the others. */
function rootOf(processes: readonly ProcessInfo[]): ProcessInfo | undefined {
  const pids = new Set(processes.map(({ pid }) => pid));
  return processes.find(({ ppid }) => !pids.has(ppid)) ?? processes[0];
}

function ownerByConfig(view: HostView, override: ServiceOverride | undefined): Owner | undefined {
  if (override === undefined) return undefined;
  if (override.kind === "systemd") {
    const unit = view.units.find((candidate) => isOf(candidate, override.unit));
    if (unit !== undefined) return makeOwner(serviceOfUnit(view, unit), { by: "config" });
    return { ...BARE_OWNER, manager: "systemd", name: override.unit, by: "config" };
  }
  return { ...BARE_OWNER, manager: override.kind, name: nameOf(override), by: "config" };
}

/** What the operator names within another manager is no unit of its own, whichever unit that manager runs in. */
function renamed(owner: Owner | undefined, override: ServiceOverride | undefined): Owner | undefined {
  if (owner === undefined || override === undefined || override.kind === "systemd") return owner;
  const { unit: _managers, ...rest } = owner;
  return { ...rest, manager: override.kind, name: nameOf(override) };
}

function nameOf(override: Exclude<ServiceOverride, { readonly kind: "systemd" }>): string {
  switch (override.kind) {
    case "pm2":
      return override.app;
    case "docker":
      return override.container;
    case "compose":
      return override.service;
    case "supervisor":
      return override.program;
  }
}

function ownerByDeclaration(
  view: HostView,
  services: readonly HostService[],
  wanted: WantedAddress,
): Owner | undefined {
  for (const service of services) {
    const declared = service.declared.find((part) => declares(view, part, wanted));
    if (declared !== undefined) return makeOwner(service, { by: "declared", declared });
    if (service.declared.length > 0) continue;
    if (service.addresses.some((bound) => serves(view, bound, wanted)))
      return makeOwner(service, { by: "declared" });
  }
  // its configuration is there, its unit is not: not loaded, removed, or of another manager
  const orphan = view.services.find(
    (part) =>
      part.playbook.role === "upstream" &&
      !view.units.some((unit) => isOf(unit, part.unit)) &&
      declares(view, part, wanted),
  );
  return orphan === undefined ? undefined : ownerOfOrphan(orphan);
}

function ownerOfOrphan({ playbook, unit, part, addresses, logs, settings, speaks }: KnownService): Owner {
  return present({
    playbook: playbook.id,
    manager: unit === undefined ? ("none" as const) : ("systemd" as const),
    name: unit,
    part,
    processes: [],
    by: "declared" as const,
    declaredAddresses: addresses,
    logs,
    settings,
    speaks,
  });
}

function ownerBySocketUnit(view: HostView, wanted: WantedAddress): Owner | undefined {
  const socket = view.units.find(({ listens = [] }) => listens.some((bound) => serves(view, bound, wanted)));
  if (socket === undefined) return undefined;
  const { triggers = [] } = socket;
  const started = triggers.length > 0 ? triggers : [socket.unit.replace(/\.socket$/, ".service")];
  const unit = view.units.find(
    (candidate) => candidate.unit.endsWith(".service") && started.some((name) => isOf(candidate, name)),
  );
  return unit === undefined ? undefined : makeOwner(serviceOfUnit(view, unit), { by: "declared" });
}

function declares(view: HostView, { addresses }: KnownService, wanted: WantedAddress): boolean {
  return addresses.some((bound) => serves(view, bound, wanted));
}

function listensOnItsOtherSocket(view: HostView, owner: Owner | undefined): boolean {
  return (owner?.declaredAddresses ?? []).some(
    (address) => address.kind === "unix" && findListener(view, { address, ips: [] }) !== undefined,
  );
}
