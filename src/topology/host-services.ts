import type { Playbook } from "../playbook/playbook.ts";
import { addressesOfCommand } from "./addresses-of-command.ts";
import type { HostView, KnownService } from "./host-view.ts";
import { present } from "./present.ts";
import type { LogTarget, Owner, ProcessInfo, UnitState, UpstreamAddress } from "./target.ts";

/** A service of a host that may stand behind a proxy, running or not. */
export interface HostService {
  readonly playbook?: Playbook;
  /** Absent for programs started by hand or by another manager. */
  readonly unit?: UnitState;
  readonly processes: readonly ProcessInfo[];
  /** What its configuration says; several for several pools. */
  readonly declared: readonly KnownService[];
  /** Where it would listen by its configuration or command line; empty when neither says so. */
  readonly addresses: readonly UpstreamAddress[];
  /** Where it really listens now, as far as we may see. */
  readonly listens: readonly UpstreamAddress[];
}

/** Units an administrator wrote; those of packages live below /usr or /lib. */
const OWN_UNITS = ["/etc/systemd/system/", "/usr/local/lib/systemd/system/"];

/** The application services of a host: known kinds, and units of the administrator's own. */
export function applicationServices(view: HostView): HostService[] {
  const units = view.units.filter((unit) => isApplicationUnit(view, unit));
  const loose = view.processes.filter(
    (process) => process.unit === undefined && view.detector.process(process)?.role === "upstream",
  );
  const loosePids = new Set(loose.map(({ pid }) => pid));
  const roots = loose.filter(({ ppid }) => !loosePids.has(ppid));
  return [
    ...units.map((unit) => serviceOfUnit(view, unit)),
    ...roots.map((root) => serviceOfProcess(view, root, loose)),
  ];
}

/** The service a unit runs, whatever its role. */
export function serviceOfUnit(view: HostView, unit: UnitState): HostService {
  const processes = view.processes.filter((process) => isOf(unit, process.unit));
  const playbook = view.detector.unit(unit) ?? firstDetected(view, processes);
  const all = view.services.filter((service) => isOf(unit, service.unit));
  // what the product's own parser says counts for more than what any unit file says
  const own = all.filter((service) => service.playbook === playbook);
  return makeService(view, { playbook, unit, processes, declared: own.length > 0 ? own : all });
}

/** The service some processes without a unit make up. */
export function serviceOfProcess(
  view: HostView,
  root: ProcessInfo,
  all: readonly ProcessInfo[] = view.processes,
): HostService {
  const processes = [root, ...all.filter(({ ppid }) => ppid === root.pid)];
  const playbook = view.detector.process(root);
  // a declaration without a unit can only be told apart by its address
  const declared = view.services.filter(
    (service) => service.unit === undefined && service.playbook === playbook,
  );
  return makeService(view, { playbook, unit: undefined, processes, declared });
}

export function isOf(unit: UnitState, name: string | undefined): boolean {
  return name !== undefined && (unit.unit === name || unit.names.includes(name));
}

/** What a verdict needs to know about a service, with the part of it that has this address. */
export function makeOwner(
  service: HostService,
  options: {
    readonly by: Owner["by"];
    readonly declared?: KnownService | undefined;
    /** The processes that hold the socket. */
    readonly holders?: readonly ProcessInfo[];
  },
): Owner {
  const { unit, playbook } = service;
  const { by, holders = [] } = options;
  const parts = options.declared === undefined ? service.declared : [options.declared];
  const part = parts.length === 1 ? parts[0]?.part : undefined;
  const container = service.processes.find((process) => process.container !== undefined)?.container;
  const manager: Owner["manager"] =
    unit !== undefined ? "systemd" : container !== undefined ? "docker" : "none";
  const journal: LogTarget[] = unit === undefined ? [] : [{ kind: "journal", unit: unit.unit }];
  return present({
    playbook: playbook?.id,
    manager,
    name: unit?.unit ?? container,
    part,
    unit,
    // the workers of one pool, where a unit has several
    processes: part !== undefined && holders.length > 0 ? holders : service.processes,
    by,
    declaredAddresses: parts.length > 0 ? parts.flatMap(({ addresses }) => addresses) : service.addresses,
    logs: uniqueLogs([...parts.flatMap(({ logs }) => logs), ...journal]),
    settings: Object.fromEntries(parts.flatMap(({ settings }) => Object.entries(settings))),
    speaks: parts.length === 1 ? parts[0]?.speaks : undefined,
  });
}

function isApplicationUnit(view: HostView, unit: UnitState): boolean {
  const isTemplate = unit.unit.endsWith("@.service");
  if (!unit.unit.endsWith(".service") || unit.loadState === "not-found" || isTemplate) return false;
  const role = view.detector.unit(unit)?.role;
  if (role !== undefined) return role === "upstream";
  const isOwn = OWN_UNITS.some((directory) => unit.fragmentPath?.startsWith(directory));
  // masking puts a link there too
  return isOwn && unit.loadState === "loaded" && unit.type !== "oneshot";
}

function makeService(
  view: HostView,
  parts: {
    readonly playbook: Playbook | undefined;
    readonly unit: UnitState | undefined;
    readonly processes: readonly ProcessInfo[];
    readonly declared: readonly KnownService[];
  },
): HostService {
  const pids = new Set(parts.processes.map(({ pid }) => pid));
  const configured = parts.declared.flatMap(({ addresses }) => addresses);
  const command = parts.unit?.execStart ?? parts.processes[0]?.args ?? "";
  return present({
    ...parts,
    addresses: configured.length > 0 ? configured : addressesOfCommand(command),
    listens: [...view.tcp.listeners, ...view.unix.listeners]
      .filter(({ processes }) => processes.some(({ pid }) => pids.has(pid)))
      .map(({ address }) => address),
  });
}

function firstDetected(view: HostView, processes: readonly ProcessInfo[]): Playbook | undefined {
  for (const process of processes) {
    const found = view.detector.process(process);
    if (found !== undefined) return found;
  }
  return undefined;
}

function uniqueLogs(logs: readonly LogTarget[]): LogTarget[] {
  return [...new Map(logs.map((log) => [JSON.stringify(log), log])).values()];
}
