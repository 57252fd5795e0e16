import type { UnitState } from "../../topology/target.ts";
import type { UnitHistory } from "./read-starts.ts";

const FOR_EVER_MS = 24 * 3_600_000;

/**
 * How many starts are left before systemd refuses one: its own counter cannot be read, so the starts of the last interval are counted,
 * which are never fewer. `none`: there is no limit. `unknown`: the journal does not tell.
 */
export function startsLeft(
  unit: UnitState,
  history: UnitHistory,
  nowMs: number,
): number | "none" | "unknown" {
  const { startLimitBurst: burst = 0, startLimitIntervalMs: intervalMs = FOR_EVER_MS } = unit;
  if (burst === 0 || intervalMs === 0) return "none";
  // times of the manager are whole seconds, and the journal is a moment behind
  const since = nowMs - Math.min(intervalMs, FOR_EVER_MS) - 2000;
  const changedMs = [unit.activeEnteredAt, unit.inactiveEnteredAt, unit.execMainStartedAt]
    .flatMap((at) => (at === undefined ? [] : [Date.parse(at)]))
    .reduce((latest, at) => Math.max(latest, at), 0);
  // whatever the journal holds: a start would have changed one of these
  if (changedMs < since) return burst;
  if (!history.complete) return "unknown";
  const recent = [...history.starts.values()].filter((at) => at >= since).length;
  const current = unit.invocationId;
  const isListed = current === undefined || history.starts.has(current);
  const startedMs = unit.execMainStartedAt === undefined ? 0 : Date.parse(unit.execMainStartedAt);
  if (!isListed && startedMs >= since) return "unknown";
  return Math.max(0, burst - recent);
}
