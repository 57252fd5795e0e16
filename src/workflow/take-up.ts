import type { Intents } from "../approval/intents.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { Engine, Lane } from "./engine.ts";

/** Sees to it that each open row has its run: after a death, after the engine lost its memory, after a database that was gone. */
export interface TakeUp {
  /** As the engine's; that it failed is remembered. */
  readonly ensureRun: Engine["ensureRun"];
  /** A run that waits for what was stored just before a death would sleep on: it is woken. */
  restarts(): Promise<void>;
  incidents(): Promise<void>;
  /** All of them again, if a run could not be started since. @throws when that fails; then it is still due. */
  missing(): Promise<void>;
  /** Restarts under way that have not moved since this was called last: whatever they wait for, they have a run and look again. */
  stalled(): Promise<void>;
  /** All of them, and none waits on: what they wait for was told by a clock that has been set since. */
  everything(): Promise<void>;
}

export function createTakeUp(deps: {
  readonly intents: Intents;
  readonly incidents: Incidents;
  readonly engine: () => Engine;
  readonly laneOf: (incident: number) => Promise<Lane>;
  readonly signal: AbortSignal;
}): TakeUp {
  const { intents, incidents, engine, laneOf, signal } = deps;
  let isMissing = false;
  /** Key and state. */
  let underWay: ReadonlySet<string> = new Set();

  const ensureRun: Engine["ensureRun"] = async (...run) => {
    try {
      await engine().ensureRun(...run);
    } catch (error) {
      isMissing = true;
      throw error;
    }
  };

  async function takeUpRestarts({ wakeAll } = { wakeAll: false }): Promise<void> {
    for (const { key, state } of await intents.open()) {
      await ensureRun("restart", key, "decisions");
      if (wakeAll || state !== "awaiting") engine().wake("restart", key, "decisions");
    }
  }

  async function takeUpIncidents({ wakeAll } = { wakeAll: false }): Promise<void> {
    for (const { number, looksWanted, looksDone } of await incidents.list({ state: "open", limit: 10_000 })) {
      if (signal.aborted) return;
      const lane = await laneOf(number);
      await ensureRun("incident", String(number), lane);
      if (wakeAll || looksWanted > looksDone) engine().wake("incident", String(number), lane);
    }
  }

  return {
    ensureRun,
    restarts: () => takeUpRestarts(),
    incidents: () => takeUpIncidents(),
    async missing() {
      if (!isMissing) return;
      isMissing = false;
      try {
        await takeUpRestarts();
        await takeUpIncidents();
      } catch (error) {
        isMissing = true;
        throw error;
      }
    },
    async stalled() {
      const before = underWay;
      const open = (await intents.open()).filter(({ state }) => state !== "awaiting");
      underWay = new Set(open.map(({ key, state }) => `${key} ${state}`));
      for (const { key, state } of open) {
        if (!before.has(`${key} ${state}`)) continue;
        await ensureRun("restart", key, "decisions");
        engine().wake("restart", key, "decisions");
      }
    },
    async everything() {
      await takeUpRestarts({ wakeAll: true });
      await takeUpIncidents({ wakeAll: true });
    },
  };
}
