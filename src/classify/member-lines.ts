import type { Signal } from "../playbook/signal.ts";
import type { UpstreamHop } from "../topology/target.ts";
import type { HopCase, LogHit } from "./case-file.ts";
import { isFault } from "./proxy-lines.ts";

/** An event on the service's side explains a failure at the proxy only if it happened this close before it. */
const EVENT_SECONDS = 30;
/** A state is logged once, when it begins, and may last. */
const STATE_SECONDS = 600;
/** A service that is down went down once: what it said then still holds. */
const BEFORE_DOWN_SECONDS = 120;

/** Signals that describe a lasting state rather than one event. */
const STATES = new Set<Signal>([
  "worker-pool-exhausted",
  "worker-slow",
  "listen-queue-full",
  "out-of-files",
  "fork-failed",
  "disk-full",
  "app-respawning-too-fast",
  "dependency-refused",
  "dependency-too-many-connections",
  "dependency-lost",
  "dependency-starting",
  "dependency-read-only-or-full",
  "dependency-slow",
]);
/** Signals that stay true until something else is logged. */
const STANDING = new Set<Signal>(["app-listening"]);

/**
 * The service's lines that belong to this incident. With the service down: what led to its end. With the service up: events
 * just before the proxy's failures and states that may still last; an older fault of another kind never counts.
 */
export function currentMemberLines(
  lines: readonly LogHit[],
  options: {
    readonly hop: UpstreamHop;
    readonly proxyLines: readonly LogHit[];
    /** The service's host's own now, epoch ms: the times of its unit are by that clock. */
    readonly nowMs: number;
  },
): readonly LogHit[] {
  const { hop, proxyLines, nowMs } = options;
  const oldest = oldestFault(proxyLines);
  const unit = hop.owner?.unit;
  const down = unit !== undefined && unit.activeState !== "active";
  const endedAt = unit?.execMainExitedAt ?? unit?.inactiveEnteredAt;
  const sinceDown = endedAt === undefined ? STATE_SECONDS : (nowMs - Date.parse(endedAt)) / 1000;
  return lines
    .filter(
      ({ holes }) =>
        holes.pool === undefined || hop.owner?.part === undefined || holes.pool === hop.owner.part,
    )
    .filter((hit) => {
      if (STANDING.has(hit.signal)) return true;
      if (down) return age(hit) <= Math.max(sinceDown + BEFORE_DOWN_SECONDS, oldest + EVENT_SECONDS);
      // a flapping service: its deaths are the state
      if ((unit?.restarts ?? 0) > 0 && hit.signal === "unit-main-exited") return age(hit) <= STATE_SECONDS;
      return age(hit) <= oldest + (STATES.has(hit.signal) ? STATE_SECONDS : EVENT_SECONDS);
    })
    .toSorted((a, b) => age(b) - age(a));
}

/** Complaints about a dependency that may explain the proxies' failures: logged once, when it went, and lasting since. */
export function currentDependencyLines(
  lines: readonly LogHit[],
  hops: readonly HopCase[],
): readonly LogHit[] {
  const oldest = oldestFault(hops.flatMap((hop) => hop.lines));
  return lines
    .filter(({ signal }) => signal.startsWith("dependency-"))
    .filter((hit) => age(hit) <= oldest + STATE_SECONDS)
    .toSorted((a, b) => age(b) - age(a));
}

function oldestFault(proxyLines: readonly LogHit[]): number {
  return Math.max(0, ...proxyLines.filter(({ signal }) => isFault(signal)).map(age));
}

function age(hit: LogHit): number {
  return hit.ageSeconds ?? 0;
}
