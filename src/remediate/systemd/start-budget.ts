import type { UnitState } from "../../topology/target.ts";
import type { UnitHistory } from "./read-starts.ts";

const FOR_EVER_MS = 24 * 3_600_000;

/**
 * How many starts are left before systemd refuses one: its own counter cannot be read, so the starts of the last interval are counted,
 * which are never fewer. `nowMs`: the host's own clock. `none`: there is no limit. `unknown`: journal or clock do not tell.
 */
export function startsLeft(
  unit: UnitState,
  history: UnitHistory,
  nowMs: number | undefined,
): number | "none" | "unknown" {
  const { startLimitBurst: burst = 0, startLimitIntervalMs: intervalMs = FOR_EVER_MS } = unit;
  if (burst === 0 || intervalMs === 0) return "none";
  if (nowMs === undefined) return "unknown";
  // times of the manager are whole seconds, and the journal is a moment behind
  const since = nowMs - Math.min(intervalMs, FOR_EVER_MS) - 2000;
  const startedMs = msOf(unit.execMainStartedAt);
  const changedMs = Math.max(startedMs, msOf(unit.activeEnteredAt), msOf(unit.inactiveEnteredAt));
  // whatever the journal holds: a start would have changed one of these
  if (changedMs < since) return burst;
  if (!history.complete) return "unknown";
  const { invocationId } = unit;
  const isListed = invocationId === undefined || history.starts.has(invocationId);
  if (!isListed && startedMs >= since) return "unknown";
  const recent = [...history.starts.values()].filter((at) => at >= since).length;
  return Math.max(0, burst - recent);
}

/** What never happened is before everything. */
function msOf(at: string | undefined): number {
  return at === undefined ? Number.NEGATIVE_INFINITY : Date.parse(at);
}
