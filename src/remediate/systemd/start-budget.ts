import type { UnitState } from "../../topology/target.ts";
import type { UnitHistory } from "./read-starts.ts";

/** What never happened is before everything. */
const NEVER = Number.NEGATIVE_INFINITY;

/** Journals of hosts reach back so far; further back they must show it. */
const DAY_MS = 24 * 3_600_000;
/** So long after its boot a host has a journal. */
const BOOT_MS = 10 * 60_000;

/**
 * How many starts are left before systemd refuses one: its own counter cannot be read, so the starts of the last interval are counted,
 * which are never fewer; those of the whole boot where the interval has no end, or none that can be read. `clock`: the host's
 * own. `none`: there is no limit. `unknown`: journal or clock do not tell. Source: systemd src/basic/ratelimit.c.
 */
export function startsLeft(
  unit: UnitState,
  history: UnitHistory,
  clock: { readonly nowMs: number | undefined; readonly bootedAtMs: number | undefined },
): number | "none" | "unknown" {
  const { startLimitBurst: burst = 0, startLimitIntervalMs: intervalMs = Number.POSITIVE_INFINITY } = unit;
  if (burst === 0 || intervalMs === 0) return "none";
  const { nowMs, bootedAtMs = NEVER } = clock;
  if (nowMs === undefined) return "unknown";
  // times of the manager are whole seconds, and the journal is a moment behind
  const since = nowMs - intervalMs - 2000;
  const startedMs = msOf(unit.execMainStartedAt);
  const changedMs = Math.max(startedMs, msOf(unit.activeEnteredAt), msOf(unit.inactiveEnteredAt));
  // whatever the journal holds: a start would have changed one of these
  if (changedMs === NEVER || changedMs < since) return burst;
  const { complete, isCut, oldestMs = Number.POSITIVE_INFINITY, starts } = history;
  const recent = [...starts.values()].filter((at) => at >= since).length;
  // whatever else there was
  if (recent >= burst) return 0;
  const reachesBack = oldestMs < since || (!isCut && oldestMs <= bootedAtMs + BOOT_MS);
  const mustReachBack = isCut || intervalMs > DAY_MS;
  if (!complete || (mustReachBack && !reachesBack)) return "unknown";
  const { invocationId } = unit;
  const isListed = invocationId === undefined || starts.has(invocationId);
  if (!isListed && startedMs >= since) return "unknown";
  return burst - recent;
}

function msOf(at: string | undefined): number {
  return at === undefined ? NEVER : Date.parse(at);
}
