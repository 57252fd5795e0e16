import type { Signal } from "../../playbook/signal.ts";
import type { CaseFile, LogHit, MemberCase } from "../case-file.ts";
import type { RestartHelps } from "../diagnosis.ts";
import { agoSeconds, failingMembers, ids, memberLines, quoteLine, serviceName } from "../hop-view.ts";
import { defineRule, type Verdict } from "../rule.ts";
import { crashLine, oomKill, ownMemoryDeath, serviceState } from "../service-state.ts";

const NOBODY_THERE = {
  outcomes: ["refused", "failed"],
  signals: ["connect-refused", "connect-socket-missing", "connect-failed", "peer-down"],
} as const;

/**
 * Nothing owns the address the proxy connects to: the service was stopped, never started, or failed to start.
 * Told from a crash loop and an OOM kill by the service manager and the kernel, from a wrong address by what listens
 * elsewhere, from a filter by the origin's own listener table.
 */
export const upstreamNotRunning = defineRule({
  id: "upstream-not-running",
  check(hop, file) {
    for (const { member, evidence } of failingMembers(hop, file, NOBODY_THERE)) {
      const verdict = judge(member, evidence, file);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  },
});

function judge(member: MemberCase, evidence: readonly string[], file: CaseFile): Verdict | undefined {
  if (member.hop.listening === "yes") return wasDown(member, evidence, file);
  const state = serviceState(member);
  if (state === "looping" || state === "gave-up") return undefined;
  if (oomKill(member, file) !== undefined || ownMemoryDeath(member) !== undefined) return undefined;
  const bind = last(member, "app-address-in-use", "app-boot-failed");
  const proof = ids(member.unitFinding, bind && quoteLine(file, bind), ...evidence, member.listenFinding);
  const restart = restartAdvice(member, state, bind);
  return {
    confidence: confidence(member, state),
    hop: "upstream",
    summary: `${serviceName(member)} is not running${since(member)}: nothing listens on ${member.label}.`,
    for: proof,
    restart,
    advice: advice(member, state, bind),
    member,
  };
}

/** It listens again and the site works: what the lines tell is over. */
function wasDown(member: MemberCase, evidence: readonly string[], file: CaseFile): Verdict | undefined {
  const back = member.connect === undefined || member.connect.outcome === "connected";
  if (!back || file.client.badShare > 0 || member.hop.owner === undefined) return undefined;
  return {
    confidence: 0.8,
    hop: "upstream",
    summary: `${serviceName(member)} was not running for a while; it is back.`,
    for: ids(...evidence, member.listenFinding, member.unitFinding),
    restart: { helps: "no", why: "It runs again." },
    advice: ["Find out who or what stopped it."],
    isOver: true,
    member,
  };
}

function confidence(member: MemberCase, state: ReturnType<typeof serviceState>): number {
  if (state === "running") return member.hop.listening === "no" ? 0.45 : 0.2;
  if (member.hop.listening === "unknown") return state === "unknown" ? 0.6 : 0.85;
  if (state === "unknown" || state === "missing") return 0.7;
  return crashLine(member) === undefined ? 0.96 : 0.86;
}

function last(member: MemberCase, ...signals: readonly Signal[]): LogHit | undefined {
  return memberLines(member, ...signals).at(-1);
}

function since(member: MemberCase): string {
  const stop = last(member, "unit-stopped", "unit-main-exited", "app-stopping");
  return stop?.ageSeconds === undefined ? "" : ` (ended ${agoSeconds(stop.ageSeconds)})`;
}

function restartAdvice(
  member: MemberCase,
  state: ReturnType<typeof serviceState>,
  bind: LogHit | undefined,
): { readonly helps: RestartHelps; readonly why: string } {
  if (bind !== undefined)
    return { helps: "no", why: "It fails while starting, so it would fail again until that is fixed." };
  if (state === "masked") return { helps: "no", why: "The unit is masked: somebody forbade its start." };
  if (state === "starting") return { helps: "no", why: "It is starting; a restart would begin that again." };
  if (state === "missing") return { helps: "no", why: "There is no such unit any more." };
  if (state === "failed")
    return { helps: "briefly", why: "It starts again, but the reason it failed is still there." };
  if (state === "unknown") return { helps: "no", why: "We do not know which service should listen there." };
  return {
    helps: "yes",
    why: `${member.hop.owner?.name ?? "The service"} is down and nothing keeps it from starting.`,
  };
}

/** By the state of the unit; where it was simply stopped, a start is the first step. */
const FIRST_STEPS: Partial<Record<ReturnType<typeof serviceState>, string>> = {
  failed: "Read why it failed (systemctl status, journalctl -u), and start it again meanwhile.",
  starting: "Wait for its start to end; if it hangs, its log says where.",
  masked: "Find out who masked it and why, before systemctl unmask.",
  missing: "Find out where its unit file went: a removed package, a rename, a failed deployment.",
  running: "It runs and does not listen: read its log for where it listens, or what it waits for.",
};

function advice(
  member: MemberCase,
  state: ReturnType<typeof serviceState>,
  bind: LogHit | undefined,
): readonly string[] {
  if (bind?.signal === "app-address-in-use") {
    return [
      `Find who holds the address (ss -ltnp) on ${member.hop.host ?? "the origin"}, end it, then start the service.`,
    ];
  }
  if (bind !== undefined) return ["Fix what its start-up log names, then start it."];
  const unit = member.hop.owner?.unit;
  if (unit?.unitFileState === "disabled")
    return [`${unit.unit} is disabled: systemctl enable it, or it is gone after the next boot.`];
  if (unit === undefined) return [`Find out what should listen on ${member.label}, and start it.`];
  return [FIRST_STEPS[state] ?? "Start it again, then find out who or what stopped it."];
}
