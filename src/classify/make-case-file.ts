import type { Evidence } from "../collect/evidence.ts";
import type { Playbook } from "../playbook/playbook.ts";
import { present } from "../topology/present.ts";
import type { ProxyHop, Target, UpstreamHop } from "../topology/target.ts";
import type { CaseFile, HopCase, HostCase, LogHit, MemberCase } from "./case-file.ts";
import { makeClientView } from "./client-view.ts";
import type { Finding } from "./diagnosis.ts";
import { makeHostCase } from "./host-case.ts";
import { type LogBook, makeLogBook } from "./log-book.ts";
import { currentDependencyLines, currentMemberLines } from "./member-lines.ts";
import { readProxyLines, readRelayedLines } from "./proxy-lines.ts";
import { readChanges, readUnitChanges } from "./read-changes.ts";
import { clockOf } from "./read-logs.ts";
import { readConnect, readDirect, readName, readOpenFiles, readSocketPath, readTls } from "./read-looks.ts";
import { unitSentence } from "./service-state.ts";

/** Lays out everything that was seen the way rules ask for it. Pure. */
export function makeCaseFile(input: {
  readonly target: Target;
  readonly evidence: Evidence;
  readonly playbooks: readonly Playbook[];
}): CaseFile {
  const { target, evidence, playbooks } = input;
  const findings: Finding[] = [];
  const find: CaseFile["find"] = (finding) => addFinding(findings, finding);
  const client = makeClientView(evidence.samples, { playbooks, find, url: target.url });
  const logs = makeLogBook({ target, evidence, playbooks });
  const hosts = new Map<string, HostCase>();
  const host = (name: string): HostCase | undefined => {
    if (!evidence.visits.some((visit) => visit.host === name)) return undefined;
    const known = hosts.get(name) ?? makeHostCase(name, { evidence, find });
    hosts.set(name, known);
    return known;
  };
  const view = { target, evidence, playbooks, logs, find };
  const hops = target.proxies.flatMap((proxy) =>
    chainOf(proxy).map((hop, depth) => makeHop(hop, depth, view)),
  );
  const relayed = hops.flatMap(({ proxy }) => readRelayedLines(proxy, view));
  return {
    target,
    client,
    hops,
    hostLines: logs.hostLines,
    dependencyLines: currentDependencyLines([...logs.serviceLines, ...relayed], hops),
    changes: [...readUnitChanges(hops, evidence), ...readChanges(evidence)],
    findings,
    find,
    host,
  };
}

interface View {
  readonly target: Target;
  readonly evidence: Evidence;
  readonly playbooks: readonly Playbook[];
  readonly logs: LogBook;
  readonly find: CaseFile["find"];
}

/** The same proxy followed inward: each upstream that is itself a proxy we can read continues the chain. */
function chainOf(proxy: ProxyHop): readonly ProxyHop[] {
  return [
    proxy,
    ...proxy.upstreams.flatMap(({ proxy: inner }) => (inner === undefined ? [] : chainOf(inner))),
  ];
}

function makeHop(proxy: ProxyHop, depth: number, view: View): HopCase {
  const lines = readProxyLines(proxy, view);
  return {
    proxy,
    depth,
    isInnermost: proxy.upstreams.every(({ proxy: inner }) => inner === undefined),
    members: proxy.upstreams.map((hop) => makeMember(hop, { ...view, proxy, proxyLines: lines.lines })),
    ...lines,
  };
}

function makeMember(
  hop: UpstreamHop,
  view: View & { readonly proxy: ProxyHop; readonly proxyLines: readonly LogHit[] },
): MemberCase {
  const { evidence, logs, find, proxy, proxyLines, playbooks } = view;
  const { address } = hop.member;
  const label = address.kind === "unix" ? address.path : `${address.host}:${address.port}`;
  const fromProxy = evidence.results.filter(({ host, round }) => host === proxy.host && round === 2);
  const onOrigin = evidence.results.filter(({ host, round }) => host === hop.host && round === 2);
  const unit = hop.owner?.unit?.unit;
  const playbook = playbooks.find(({ id }) => id === hop.owner?.playbook);
  const visit = evidence.visits.find(({ host }) => host === hop.host);
  const lines = currentMemberLines(
    logs.serviceLines.filter((hit) => hit.host === hop.host && unit !== undefined && hit.unit === unit),
    { hop, proxyLines, nowMs: clockOf(visit, evidence).nowMs },
  );
  const member: MemberCase = present({
    hop,
    label,
    lines,
    connect: readConnect(fromProxy, hop, find),
    direct: readDirect(fromProxy, hop, find),
    tls: readTls(fromProxy, hop, find),
    name: readName(fromProxy, hop, find),
    socketPath: readSocketPath(fromProxy, { hop, find, user: proxy.route?.workerUser }),
    speaks: hop.owner?.speaks ?? playbook?.speaks,
    hasNoRestart: playbook !== undefined && Object.keys(playbook.remediations).length === 0,
    openFiles: readOpenFiles(onOrigin, hop, find),
    process: hop.owner?.processes.find(({ state }) => state === "T") ?? hop.owner?.processes[0],
  });
  const sentence = unitSentence(member);
  return present({
    ...member,
    unitFinding:
      sentence === undefined
        ? undefined
        : find({ check: "unit-state", host: hop.host ?? "", summary: sentence }),
    listenFinding: listenSentence(member, find),
  });
}

function listenSentence({ hop, label }: MemberCase, find: CaseFile["find"]): string | undefined {
  if (hop.listening === "unknown" || hop.host === undefined) return undefined;
  const queue = hop.listener === undefined ? "" : ` (queue ${hop.listener.recvQ} of ${hop.listener.sendQ})`;
  const summary =
    hop.listening === "yes" ? `Something listens on ${label}${queue}.` : `Nothing listens on ${label}.`;
  return find({ check: "listeners", host: hop.host, summary });
}

function addFinding(findings: Finding[], finding: Omit<Finding, "id">): string {
  const same = findings.find(
    (known) =>
      known.check === finding.check &&
      known.host === finding.host &&
      known.summary === finding.summary &&
      known.quote === finding.quote &&
      known.at === finding.at,
  );
  if (same !== undefined) return same.id;
  const id = `f${findings.length + 1}`;
  findings.push({ id, ...finding });
  return id;
}
