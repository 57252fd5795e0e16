import type { Signal } from "../playbook/signal.ts";
import type { CaseFile, ConnectOutcome, HopCase, LogHit, MemberCase } from "./case-file.ts";
import { WINDOW_SECONDS } from "./proxy-lines.ts";
import { SIGNAL_SENTENCES } from "./signal-sentence.ts";

/** The proxy's lines with one of these signals, newest last. */
export function proxyLines(hop: HopCase, ...signals: readonly Signal[]): readonly LogHit[] {
  return hop.lines.filter((hit) => signals.includes(hit.signal));
}

/** The lines of a member's own logs with one of these signals, newest last. */
export function memberLines(member: MemberCase, ...signals: readonly Signal[]): readonly LogHit[] {
  return member.lines.filter((hit) => signals.includes(hit.signal));
}

/** What kernel and service manager of a host logged with one of these signals while this incident may have lasted, newest last. */
export function hostLines(
  file: CaseFile,
  host: string | undefined,
  ...signals: readonly Signal[]
): readonly LogHit[] {
  return file.hostLines
    .filter((hit) => hit.host === host && signals.includes(hit.signal))
    .filter(({ ageSeconds }) => (ageSeconds ?? 0) <= WINDOW_SECONDS)
    .toSorted((a, b) => (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0));
}

/** Whether a proxy's line is about this member: it names its address or label, or the hop has no other. */
export function isAbout(hit: LogHit, member: MemberCase, hop: HopCase): boolean {
  const { upstream } = hit.details;
  if (upstream === undefined || hop.members.length === 1) return true;
  const { address, label } = member.hop.member;
  if (upstream === label || upstream === member.label) return true;
  if (address.kind === "unix") return upstream === `unix:${address.path}`;
  const hosts = [address.host, ...member.hop.resolved];
  return hosts.some(
    (host) => upstream === `${host}:${address.port}` || upstream === `[${host}]:${address.port}`,
  );
}

/** Whether the proxy is configured to speak TLS to its upstreams. */
export function speaksTls(hop: HopCase): boolean {
  const action = hop.proxy.route?.action;
  return action?.kind === "pass" && (action.protocol === "https" || action.protocol === "grpcs");
}

/** A member that fails to connect in one of these ways, by our own attempt or by what the proxy logged. */
export interface FailingMember {
  readonly member: MemberCase;
  /** The newest line first, then our own attempt. */
  readonly evidence: readonly string[];
}

/** Members with one of the outcomes or signals, each with the findings that show it. */
export function failingMembers(
  hop: HopCase,
  file: CaseFile,
  wanted: { readonly outcomes: readonly ConnectOutcome[]; readonly signals: readonly Signal[] },
): readonly FailingMember[] {
  const lines = proxyLines(hop, ...wanted.signals);
  return hop.members.flatMap((member) => {
    const seenByUs = member.connect !== undefined && wanted.outcomes.includes(member.connect.outcome);
    const line = lines.findLast((hit) => isAbout(hit, member, hop));
    // our attempt succeeding now outweighs a line, unless the line is younger than our look
    if (!seenByUs && (line === undefined || contradicted(member, line))) return [];
    const evidence = [
      ...(line === undefined ? [] : [quoteLine(file, line)]),
      ...(seenByUs && member.connect !== undefined ? [member.connect.finding] : []),
    ];
    return [{ member, evidence }];
  });
}

function contradicted(member: MemberCase, line: LogHit): boolean {
  return member.connect?.outcome === "connected" && (line.ageSeconds ?? 0) > 60;
}

/** Adds a log line to the findings, quoted, and returns its id. */
export function quoteLine(file: CaseFile, hit: LogHit, summary?: string): string {
  return file.find({
    check: hit.check,
    host: hit.host,
    summary: summary ?? SIGNAL_SENTENCES[hit.signal],
    quote: hit.line,
    ...(hit.at === undefined ? {} : { at: hit.at }),
  });
}

/** Whether two lines of one machine tell of the same moment: kernel, service manager and service log it within seconds. */
export function isAtOnce(a: LogHit, b: LogHit): boolean {
  return Math.abs((a.ageSeconds ?? Infinity) - (b.ageSeconds ?? -Infinity)) <= 5;
}

/** "3 min ago" for a sentence, or the time itself when it is long past. */
export function ago(hit: LogHit): string {
  return hit.ageSeconds === undefined ? "" : agoSeconds(hit.ageSeconds);
}

export function agoSeconds(seconds: number): string {
  if (seconds < 90) return "just now";
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}

/** The service behind a member in words: its unit, its process, else its address. */
export function serviceName(member: MemberCase): string {
  const { owner, host } = member.hop;
  const name = owner?.name ?? owner?.unit?.unit ?? owner?.processes[0]?.comm;
  return `${name ?? `the service behind ${member.label}`}${host === undefined ? "" : ` on ${host}`}`;
}

/** Ids that exist, without repetition. */
export function ids(...values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value): value is string => value !== undefined))];
}
