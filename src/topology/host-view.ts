import type { HostAccess } from "../intake/diagnosis-request.ts";
import type { Playbook, Probe } from "../playbook/playbook.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import { programOf } from "../playbook/program-of.ts";
import { canonicalIp } from "./address.ts";
import { createDetector, type Detector } from "./detect.ts";
import { type Connection, parseConnections } from "./parse-connections.ts";
import { parseLinkChain } from "./parse-link-chain.ts";
import { parseListeners } from "./parse-listeners.ts";
import { type NameTable, parseHostsFile, parseInterfaceAddresses, parseResolved } from "./parse-names.ts";
import { parseProcesses } from "./parse-processes.ts";
import { parseUnitFiles } from "./parse-unit-files.ts";
import { parseUnits } from "./parse-units.ts";
import type { DeclaredService, ParserInput } from "./parser.ts";
import { parserOf } from "./parsers.ts";
import type { Listener, ProcessInfo, UnitState } from "./target.ts";

/** A declared service and the playbook that read it. */
export interface KnownService extends DeclaredService {
  readonly playbook: Playbook;
}

/** Listening sockets of one kind. `complete`: what is not among them does not listen. */
interface ListenerTable {
  readonly listeners: readonly Listener[];
  readonly complete: boolean;
}

/** Everything the looks say about one host, read once. */
export interface HostView {
  readonly name: string;
  readonly processes: readonly ProcessInfo[];
  readonly units: readonly UnitState[];
  readonly tcp: ListenerTable;
  readonly unix: ListenerTable;
  /** Every IP of its interfaces, and the one we connect to when that is an IP. */
  readonly addresses: readonly string[];
  /** Lower-case names it goes by: ours, the one we connect to, its own (empty when unknown). */
  readonly names: readonly string[];
  /** What names resolve to here: its hosts file, then what it was asked in round 2. */
  readonly resolves: NameTable;
  /** Socket paths that are links, and where they lead; known after round 2. */
  readonly links: ReadonlyMap<string, string>;
  /** Connections to the well-known ports of databases and caches. */
  readonly connections: readonly Connection[];
  readonly services: readonly KnownService[];
  readonly detector: Detector;
  parserInput(playbook: Playbook): ParserInput;
}

interface ViewInput {
  readonly results: readonly ProbeResult[];
  readonly playbooks: readonly Playbook[];
  /** Of the host's local time, where known. */
  readonly utcOffsetMinutes: number | undefined;
}

/** Reads one host's results. Looks that gave nothing leave their part empty. */
export function makeHostView(access: HostAccess, input: ViewInput): HostView {
  const { playbooks } = input;
  const results = input.results.filter(({ host }) => host === access.name);
  const own = { ...input, results };
  const output = (probe: string) => usable(results, probe)?.output ?? "";
  const processes = parseProcesses(output("linux-host.processes"));
  const units = unitsOf(own);
  const address = access.how.kind === "ssh" ? access.how.address : "localhost";
  const ownIp = canonicalIp(address);
  const parserInput = (playbook: Playbook): ParserInput => ({
    playbook,
    host: access.name,
    results: results.filter(({ probe }) => probe.startsWith(`${playbook.id}.`)),
    processes,
    units,
  });
  return {
    name: access.name,
    processes,
    units,
    tcp: listenerTable(usable(results, "linux-host.listeners")),
    unix: listenerTable(usable(results, "linux-host.unix-listeners")),
    addresses: [
      ...new Set([
        ...parseInterfaceAddresses(output("linux-host.addresses")),
        ...(ownIp === undefined ? [] : [ownIp]),
      ]),
    ],
    names: [access.name, address, hostNameOf(output("host.facts"))].map((name) => name.toLowerCase()),
    resolves: withLookups(parseHostsFile(output("linux-host.resolver")), own),
    links: linksOf(own),
    connections: parseConnections(output("linux-host.dependency-sockets")),
    services: playbooks.flatMap((playbook) =>
      (parserOf(playbook)?.services?.(parserInput(playbook)) ?? []).map((service) => ({
        ...service,
        playbook,
      })),
    ),
    detector: createDetector(playbooks),
    parserInput,
  };
}

/** Round 2 asks about units by name, also those systemd had not loaded in round 1; the newer answer counts. */
function unitsOf({ results, playbooks, utcOffsetMinutes }: ViewInput): UnitState[] {
  const shows = probeIds(
    playbooks,
    ({ action }) =>
      action.kind === "run" && programOf(action.argv) === "systemctl" && action.argv.includes("show"),
  );
  const shown = results
    .filter(({ probe, outcome }) => shows.has(probe) && outcome.kind === "exited")
    .toSorted((a, b) => a.round - b.round);
  const units = new Map(
    shown.flatMap(({ output }) =>
      parseUnits(output, { utcOffsetMinutes }).map((unit): [string, UnitState] => [unit.unit, unit]),
    ),
  );
  if (shown.length === 0 || shown.some(({ truncated }) => truncated)) return [...units.values()];
  const known = new Set([...units.values()].flatMap(({ unit, names }) => [unit, ...names]));
  const installed = parseUnitFiles(usable(results, "linux-host.unit-files")?.output ?? "");
  const unloaded = [...installed]
    .filter(([unit]) => !known.has(unit))
    .map(([unit, state]) => dormant(unit, state));
  return [...units.values(), ...unloaded];
}

/** A unit with a file that systemd does not hold in memory: nothing runs, and nothing wants it to. */
function dormant(unit: string, unitFileState: string): UnitState {
  return {
    unit,
    names: [unit],
    loadState: unitFileState === "masked" ? "masked" : "loaded",
    unitFileState,
    activeState: "inactive",
    subState: "dead",
    result: "success",
    execMainCode: 0,
    execMainStatus: 0,
    mainPid: 0,
    restarts: 0,
    execStart: "",
    boundBy: [],
  };
}

function probeIds(playbooks: readonly Playbook[], isMeant: (probe: Probe) => boolean): ReadonlySet<string> {
  return new Set(
    playbooks.flatMap(({ id, probes }) =>
      Object.entries(probes)
        .filter(([, probe]) => isMeant(probe))
        .map(([name]) => `${id}.${name}`),
    ),
  );
}

function usable(results: readonly ProbeResult[], probe: string): ProbeResult | undefined {
  return results.find((result) => result.probe === probe && result.outcome.kind === "exited");
}

/** `hostname=app-1` among the facts. */
function hostNameOf(facts: string): string {
  const line = facts.split("\n").find((text) => text.startsWith("hostname="));
  return line?.slice("hostname=".length).trim() ?? "";
}

function listenerTable(result: ProbeResult | undefined): ListenerTable {
  if (result === undefined) return { listeners: [], complete: false };
  const succeeded = result.outcome.kind === "exited" && result.outcome.exitCode === 0;
  return { listeners: parseListeners(result.output), complete: succeeded && !result.truncated };
}

/** Adds the answers to the looks that asked the host's own resolver. */
function withLookups(hostsFile: NameTable, { results, playbooks }: ViewInput): NameTable {
  const lookups = probeIds(playbooks, ({ each }) => each === "upstream-name");
  const table = new Map(hostsFile);
  for (const { probe, params, outcome, output } of results) {
    const name = params.name?.toLowerCase();
    if (name === undefined || outcome.kind !== "exited" || !lookups.has(probe)) continue;
    const ips = parseResolved(output);
    if (ips.length > 0) table.set(name, ips);
  }
  return table;
}

function linksOf({ results, playbooks }: ViewInput): ReadonlyMap<string, string> {
  const looks = probeIds(playbooks, ({ each }) => each === "upstream-unix");
  return new Map(
    results.flatMap(({ probe, params, output }): [string, string][] => {
      const { path } = params;
      return path === undefined || !looks.has(probe) ? [] : [[path, parseLinkChain(path, output)]];
    }),
  );
}
