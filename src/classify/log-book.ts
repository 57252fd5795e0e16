import type { Evidence } from "../collect/evidence.ts";
import type { Playbook, Probe } from "../playbook/playbook.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import type { Owner, ProxyHop, Target } from "../topology/target.ts";
import type { LogHit } from "./case-file.ts";
import { createLogReader } from "./read-logs.ts";

/** Every recognised line of every log look, by whose line it is. */
export interface LogBook {
  readonly proxyLines: (proxy: ProxyHop) => readonly LogHit[];
  /** Lines of services, each with its `unit`; the service manager's lines about a unit included. */
  readonly serviceLines: readonly LogHit[];
  /** Kernel, service manager, packages. */
  readonly hostLines: readonly LogHit[];
  /** What applications complain about in a proxy's error log. */
  readonly relayedLines: (proxy: ProxyHop) => readonly LogHit[];
}

export function makeLogBook(input: {
  readonly target: Target;
  readonly evidence: Evidence;
  readonly playbooks: readonly Playbook[];
}): LogBook {
  const { target, evidence, playbooks } = input;
  const reader = createLogReader({ playbooks, evidence });
  const owners = ownersOf(target);
  const looks = evidence.results.flatMap((result) => logLook(result, playbooks) ?? []);

  const services = looks
    .filter(({ probe }) => probe.each === "service-unit" || probe.each === "service-log")
    .flatMap(({ result, playbook, probe }) => {
      const owner = owners.find(
        (known) =>
          known.host === result.host &&
          (known.owner.unit?.unit === result.params.unit ||
            known.owner.logs.some((log) => log.kind === "file" && log.path === result.params.path)),
      );
      const own = playbooks.filter(({ id, role }) =>
        owner?.owner.playbook === undefined
          ? role === "upstream"
          : id === owner.owner.playbook || id === playbook.id,
      );
      const unit = result.params.unit ?? owner?.owner.unit?.unit;
      return reader.read(result, {
        own,
        form: isJournal(probe) ? "journal" : "file",
        check: isJournal(probe) ? "service-journal" : "service-log",
        isApplication: true,
        ...(unit === undefined ? {} : { unit }),
      });
    });

  const hostLines = looks
    .filter(({ probe }) => probe.each === "host")
    .flatMap(({ result, playbook, probe }) =>
      reader.read(result, {
        own: [playbook],
        form: isJournal(probe) ? "journal" : "file",
        check: probe.title,
        isApplication: false,
      }),
    );

  const proxyLines = (proxy: ProxyHop): readonly LogHit[] => {
    const playbook = playbooks.find(({ id }) => id === (proxy.route?.playbook ?? proxy.owner?.playbook));
    if (playbook === undefined) return [];
    return looks
      .filter(({ result, probe }) => result.host === proxy.host && isAboutProxy(result, probe, proxy))
      .flatMap(({ result, probe }) =>
        reader.read(result, {
          own: [playbook],
          form: isJournal(probe) ? "journal" : "file",
          check: isJournal(probe) ? "proxy-journal" : "proxy-error-log",
          isApplication: false,
          ...(result.params.unit === undefined ? {} : { unit: result.params.unit }),
        }),
      );
  };

  // an application under a proxy's process protocol complains into the proxy's own error log
  const relayedLines = (proxy: ProxyHop): readonly LogHit[] =>
    looks
      .filter(
        ({ result, probe }) =>
          probe.each === "proxy-error-log" &&
          result.host === proxy.host &&
          isAboutProxy(result, probe, proxy),
      )
      .flatMap(({ result, playbook }) =>
        reader.read(result, {
          own: [],
          form: "file",
          grammarOf: playbook,
          check: "proxy-error-log",
          isApplication: true,
        }),
      );

  const told = new Set(services.map(({ host, unit }) => `${host} ${unit}`));
  return {
    proxyLines,
    serviceLines: [
      ...services,
      ...hostLines.filter(({ host, unit }) => unit !== undefined && !told.has(`${host} ${unit}`)),
    ],
    hostLines,
    relayedLines,
  };
}

interface LogLook {
  readonly result: ProbeResult;
  readonly playbook: Playbook;
  readonly probe: Probe;
}

/** The look as a log, or undefined when it is none (or the access log, which is read by lines, not by signatures). */
function logLook(result: ProbeResult, playbooks: readonly Playbook[]): LogLook | undefined {
  const dot = result.probe.indexOf(".");
  const playbook = playbooks.find(({ id }) => id === result.probe.slice(0, dot));
  const probe = playbook?.probes[result.probe.slice(dot + 1)];
  if (playbook === undefined || probe === undefined || result.output === "") return undefined;
  if (probe.action.kind !== "log" && !isJournal(probe)) return undefined;
  return probe.each === "proxy-access-log" && playbook.parser === undefined
    ? undefined
    : { result, playbook, probe };
}

function isJournal({ action }: Probe): boolean {
  return action.kind === "run" && (action.argv[0] ?? "").endsWith("journalctl");
}

function isAboutProxy(result: ProbeResult, probe: Probe, proxy: ProxyHop): boolean {
  if (probe.each === "proxy-unit")
    return proxy.owner?.unit === undefined || result.params.unit === proxy.owner.unit.unit;
  if (probe.each === "proxy-access-log") return hasPath(proxy.route?.accessLogs, result);
  return probe.each === "proxy-error-log" && (proxy.route === null || hasPath(proxy.route.errorLogs, result));
}

function hasPath(
  logs: readonly { readonly kind: string; readonly path?: string }[] | undefined,
  result: ProbeResult,
) {
  return logs?.some(({ path }) => path === result.params.path) ?? false;
}

/** Every owner of an upstream or dependency, with its host. */
function ownersOf(target: Target): readonly { readonly host: string; readonly owner: Owner }[] {
  const ofProxy = (proxy: ProxyHop): readonly { readonly host: string; readonly owner: Owner }[] =>
    proxy.upstreams.flatMap(({ host, owner, proxy: inner }) => [
      ...(host === undefined || owner === undefined ? [] : [{ host, owner }]),
      ...(inner === undefined ? [] : ofProxy(inner)),
    ]);
  return [
    ...target.proxies.flatMap(ofProxy),
    ...target.dependencies.flatMap(({ host, owner }) => (owner === undefined ? [] : [{ host, owner }])),
  ];
}
