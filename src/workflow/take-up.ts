import type { Intents } from "../approval/intents.ts";
import type { Incident } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { Engine } from "./engine.ts";
import { homeLaneOf, lookLaneOf } from "./home-lane.ts";

const ALL = 10_000;
/** Of incidents that another replica may have left, so many are seen to at once: in a storm they are that one's work. */
const SEEN_TO = 100;

/** Sees to it that each open row has its run: after a death, after the engine lost its memory, after a database that was gone. */
export interface TakeUp {
  /** As the engine's; that it failed is remembered. */
  readonly ensureRun: Engine["ensureRun"];
  /** A run that waits for what was stored just before a death would sleep on: it is woken. */
  restarts(): Promise<void>;
  incidents(): Promise<void>;
  /** All of them again, if a run could not be started since. @throws when that fails; then it is still due. */
  missing(): Promise<void>;
  /**
   * Whatever has not moved since this was called last: restarts that were offered or are under way, and incidents that a look was asked for.
   * Another replica may have died between storing them and starting their runs.
   */
  stalled(): Promise<void>;
  /** All of them, and none waits on: what they wait for was told by a clock that has been set since. */
  everything(): Promise<void>;
}

export function createTakeUp(deps: {
  readonly intents: Intents;
  readonly incidents: Incidents;
  readonly engine: () => Engine;
  /** In this process. */
  readonly isLooking: (incident: number) => boolean;
  readonly signal: AbortSignal;
}): TakeUp {
  const { intents, incidents, engine, isLooking, signal } = deps;
  let isMissing = false;
  /** Key and state of the restarts, number and looks of the incidents. */
  let seen: ReadonlySet<string> = new Set();
  /** Runs that were started from here: those that wait for their first turn have nothing to be woken for. */
  const started = new Set<string>();

  const ensureRun: Engine["ensureRun"] = async (kind, id, lane) => {
    try {
      await engine().ensureRun(kind, id, lane);
      started.add(nameOf(kind, id));
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
    for (const incident of await incidents.list({ state: "open", limit: ALL })) {
      if (signal.aborted) return;
      const home = homeLaneOf(incident);
      const isDue = incident.looksWanted > incident.looksDone;
      if (isDue) await takeUpLook(incident, { wake: true });
      else await ensureRun("incident", String(incident.number), home);
      const isAwake = isDue && lookLaneOf(incident) === home;
      if (wakeAll && !isAwake) engine().wake("incident", String(incident.number), home);
    }
  }

  /** Where it was asked for: in another lane a second look would begin beside one that another replica takes. */
  async function takeUpLook(incident: Incident, { wake }: { readonly wake: boolean }): Promise<void> {
    const id = String(incident.number);
    const lane = lookLaneOf(incident);
    await ensureRun("incident", id, homeLaneOf(incident));
    if (lane !== homeLaneOf(incident)) await ensureRun("incident", id, lane);
    if (wake) engine().wake("incident", id, lane);
  }

  async function stalledRestarts(open: Awaited<ReturnType<Intents["open"]>>): Promise<void> {
    for (const { key, state } of open) {
      const isWaiting = state === "awaiting";
      if (!seen.has(`${key} ${state}`) || (isWaiting && started.has(nameOf("restart", key)))) continue;
      await ensureRun("restart", key, "decisions");
      if (!isWaiting) engine().wake("restart", key, "decisions");
    }
  }

  async function stalledIncidents(due: readonly Incident[]): Promise<void> {
    const stalled = due.filter(({ number, looksWanted, looksDone }) => {
      const isQueued = looksDone === 0 && started.has(nameOf("incident", String(number)));
      return seen.has(`${number} ${looksWanted}`) && !isQueued && !isLooking(number);
    });
    for (const incident of stalled.slice(0, SEEN_TO)) {
      if (signal.aborted) return;
      await takeUpLook(incident, { wake: incident.looksDone > 0 });
    }
  }

  function forgetStarted(open: readonly string[]): void {
    const kept = new Set(open);
    for (const name of started) if (!kept.has(name)) started.delete(name);
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
      const open = await intents.open();
      const due = await incidents.list({ state: "open", isDue: true, limit: ALL });
      forgetStarted([
        ...open.map(({ key }) => nameOf("restart", key)),
        ...due.map(({ number }) => nameOf("incident", String(number))),
      ]);
      await stalledRestarts(open);
      await stalledIncidents(due);
      seen = new Set([
        ...open.map(({ key, state }) => `${key} ${state}`),
        ...due.map(({ number, looksWanted }) => `${number} ${looksWanted}`),
      ]);
    },
    async everything() {
      await takeUpRestarts({ wakeAll: true });
      await takeUpIncidents({ wakeAll: true });
    },
  };
}

function nameOf(kind: string, id: string): string {
  return `${kind} ${id}`;
}
