import type { Signal } from "../playbook/signal.ts";
import type { UnitState } from "../topology/target.ts";
import type { CaseFile, LogHit, MemberCase } from "./case-file.ts";
import { isAtOnce, memberLines } from "./hop-view.ts";

/** What the service manager says about the service behind a member. */
export type ServiceState =
  | "running"
  | "starting"
  | "looping"
  | "gave-up"
  | "failed"
  | "stopped"
  | "masked"
  | "missing"
  | "unknown";

const LOOP_RESTARTS = 3;

export function serviceState(member: MemberCase): ServiceState {
  const unit = member.hop.owner?.unit;
  if (unit === undefined) return "unknown";
  if (unit.loadState === "not-found") return "missing";
  if (unit.loadState === "masked") return "masked";
  if (unit.subState.startsWith("auto-restart")) return "looping";
  if (unit.activeState === "activating" || unit.activeState === "reloading") {
    return unit.restarts >= LOOP_RESTARTS ? "looping" : "starting";
  }
  if (unit.activeState === "failed") return gaveUp(member) ? "gave-up" : "failed";
  if (unit.activeState === "active") return isFlapping(member) ? "looping" : "running";
  return "stopped";
}

/** systemd refuses further starts: the journal says so even where `Result` keeps the last failure. Source: systemd core/unit.c. */
function gaveUp(member: MemberCase): boolean {
  return (
    member.hop.owner?.unit?.result === "start-limit-hit" || memberLines(member, "unit-start-limit").length > 0
  );
}

/** `active` for the moment, but started again and again: it died, or failed to boot, repeatedly in the last five minutes. */
function isFlapping(member: MemberCase): boolean {
  const restarts = member.hop.owner?.unit?.restarts ?? 0;
  const recent = (...signals: readonly Signal[]) =>
    memberLines(member, ...signals).filter((hit) => (hit.ageSeconds ?? Infinity) < 300).length;
  if (restarts > 0 && recent("app-boot-failed") >= 2) return true;
  return restarts >= LOOP_RESTARTS && recent("unit-main-exited") >= LOOP_RESTARTS;
}

/** The kernel's line that explains why this service lost a process, when there is one. */
export function oomKill(member: MemberCase, file: CaseFile): LogHit | undefined {
  const pids = new Set(member.lines.flatMap((hit) => hit.holes.pid ?? []));
  const kills = memberLines(member, "unit-main-exited", "worker-sigkilled", "unit-oom-killed").filter(
    (hit) => hit.signal !== "unit-main-exited" || (hit.holes.status ?? "").startsWith("9"),
  );
  return file.hostLines.findLast((hit) => {
    if (hit.signal !== "kernel-oom-killed" || hit.host !== member.hop.host) return false;
    if (pids.has(hit.holes.pid ?? "")) return true;
    return kills.some((kill) => isAtOnce(hit, kill));
  });
}

/** Lines that say the service's own memory limit or heap ended it. */
export function ownMemoryDeath(member: MemberCase): LogHit | undefined {
  return memberLines(member, "unit-oom-killed", "app-heap-exhausted").at(-1);
}

/** The newest line that says how the service or a worker of it died, memory and own timers apart. */
export function crashLine(member: MemberCase): LogHit | undefined {
  const exits = memberLines(member, "unit-main-exited").filter((hit) => hit.holes.status !== "0/SUCCESS");
  return [...memberLines(member, "worker-crashed", "app-uncaught-exception"), ...exits]
    .toSorted((a, b) => (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0))
    .at(-1);
}

/** The line by which the application itself says what it died of, beside the line that only says that it died. */
export function lastWords(member: MemberCase, death: LogHit): LogHit | undefined {
  if (death.signal !== "app-uncaught-exception") return undefined;
  return memberLines(member, "app-error").findLast((hit) => isAtOnce(hit, death));
}

/** A sentence on the member's unit, when there is one. */
export function unitSentence(member: MemberCase): string | undefined {
  const unit = member.hop.owner?.unit;
  return unit && sayUnit(unit);
}

/** What a unit is now, by which result, and how often its manager tried again. */
export function sayUnit({ unit, activeState, subState, result, restarts }: UnitState): string {
  const how = result !== "" && result !== "success" ? `result ${result}` : "";
  const tries =
    restarts > 0 ? `restarted ${restarts} ${restarts === 1 ? "time" : "times"} by its manager` : "";
  const more = [how, tries].filter((part) => part !== "").join(", ");
  const sub = subState === activeState ? "" : ` (${subState})`;
  const state = activeState === "failed" ? "has failed" : `is ${activeState}${sub}`;
  return `${unit} ${state}${more === "" ? "" : `: ${more}`}.`;
}
