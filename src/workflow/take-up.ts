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

  const ensureRun: Engine["ensureRun"] = async (...run) => {
    try {
      await engine().ensureRun(...run);
    } catch (error) {
      isMissing = true;
      throw error;
    }
  };

  async function takeUpRestarts(): Promise<void> {
    for (const { key, state } of await intents.open()) {
      await ensureRun("restart", key, "decisions");
      if (state !== "awaiting") engine().wake("restart", key, "decisions");
    }
  }

  async function takeUpIncidents(): Promise<void> {
    for (const { number, looksWanted, looksDone } of await incidents.list({ state: "open", limit: 10_000 })) {
      if (signal.aborted) return;
      const lane = await laneOf(number);
      await ensureRun("incident", String(number), lane);
      if (looksWanted > looksDone) engine().wake("incident", String(number), lane);
    }
  }

  return {
    ensureRun,
    restarts: takeUpRestarts,
    incidents: takeUpIncidents,
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
  };
}
