import { OpenWorkflow, type Worker } from "openworkflow";
import type { Log } from "./log.ts";
import { shareRounds } from "./share-rounds.ts";
import type { Turn } from "./turn.ts";

/** What durable runs are about. */
export type RunKind = "incident" | "restart";

/** Runs wait in lanes of their own, so that no storm of alerts delays a person: `decisions` is for restarts alone. */
export const LANES = ["alerts", "commands", "decisions"] as const;

export type Lane = (typeof LANES)[number];

/** How many runs of a lane are worked on at once by one process. */
const LANE_SLOTS: Readonly<Record<Lane, number>> = { alerts: 10, commands: 50, decisions: 10 };

type Backend = ConstructorParameters<typeof OpenWorkflow>[0]["backend"];

/** A decision must never sleep on: whoever waits looks again after this long, woken or not. */
const LOOK_AGAIN_MS = 30_000;
/** A signal that comes between a run's last look and its wait finds nobody; it is sent again so often. */
const WAKE_AGAIN_MS = [50, 200, 500, 1000, 2000] as const;
/** The engine ends a run after 1,000 steps, and reads all of them at each wake: a long life is a chain of runs. */
const TURNS_A_RUN = 100;
/** Without end, and soon again: a database that comes back finds restarts waiting. */
const RETRIES = {
  initialInterval: "250ms",
  backoffCoefficient: 2,
  maximumInterval: "5s",
  maximumAttempts: 0,
} as const;

/** Takes one turn for one thing, in a run of this lane. It may be called twice for the same, and after any crash. */
export type TakeTurn = (kind: RunKind, id: string, lane: Lane) => Promise<Turn>;

/** Orders and waits, and nothing else: what happens is decided by our own rows, and its state may be deleted without losing any of them. */
export interface Engine {
  start(): Promise<void>;
  /** The run of this thing exists and will take its next turn now. Calling it again is harmless. */
  ensureRun(kind: RunKind, id: string, lane: Lane): Promise<void>;
  /** Its row changed: it takes its next turn now, not when its wait is over. */
  wake(kind: RunKind, id: string, lane: Lane): void;
  /** Waits for the turns that are being taken. */
  stop(): Promise<void>;
}

export function createEngine(deps: {
  readonly backends: Readonly<Record<Lane, Backend>>;
  readonly turn: TakeTurn;
  readonly log: Log;
  readonly sleep: (ms: number) => Promise<void>;
}): Engine {
  const { backends, turn, log, sleep } = deps;
  let stopped = false;
  const open = (lane: Lane) =>
    openLane(backends[lane], {
      slots: LANE_SLOTS[lane],
      turn: (kind, id) => turn(kind, id, lane),
      isStopped: () => stopped,
    });
  const lanes = { alerts: open("alerts"), commands: open("commands"), decisions: open("decisions") };

  async function signal(kind: RunKind, id: string, lane: Lane): Promise<void> {
    for (const againMs of [...WAKE_AGAIN_MS, undefined]) {
      const { workflowRunIds } = await lanes[lane].client.sendSignal({
        signal: signalOf(kind, id),
        data: null,
      });
      await lanes[lane].nudge();
      if (workflowRunIds.length > 0 || againMs === undefined || stopped) return;
      await sleep(againMs);
    }
  }

  return {
    async start() {
      await Promise.all(Object.values(lanes).map(({ worker }) => worker.start()));
    },
    async ensureRun(kind, id, lane) {
      const { run } = lanes[lane];
      let { workflowRun } = await run[kind].run({ id }, { idempotencyKey: keyOf(kind, id) });
      // the key of a run that ended still names it: the next of its chain has a key of its own
      while (workflowRun.finishedAt !== null) {
        const next = await run[kind].run({ id }, { idempotencyKey: keyOf(kind, id, workflowRun.id) });
        workflowRun = next.workflowRun;
      }
      await lanes[lane].nudge();
    },
    wake(kind, id, lane) {
      signal(kind, id, lane).catch((error: unknown) => {
        log.warn(
          { run: kind, id, reason: String(error) },
          "a run could not be woken; it looks again by itself",
        );
      });
    },
    async stop() {
      stopped = true;
      await Promise.all(Object.values(lanes).map(({ worker }) => worker.stop()));
    },
  };
}

interface OpenLane {
  readonly client: OpenWorkflow;
  readonly worker: Worker;
  readonly run: Readonly<Record<RunKind, ReturnType<typeof defineRun>>>;
  /** What can be claimed now is claimed now: polling alone would take up to a second. */
  nudge(): Promise<void>;
}

function openLane(
  backend: Backend,
  {
    slots,
    turn,
    isStopped,
  }: {
    readonly slots: number;
    readonly turn: (kind: RunKind, id: string) => Promise<Turn>;
    readonly isStopped: () => boolean;
  },
): OpenLane {
  const client = new OpenWorkflow({ backend });
  // a worker knows what was defined before it was made
  const define = (kind: RunKind) => defineRun(client, kind, turn);
  const run = { incident: define("incident"), restart: define("restart") };
  const worker = client.newWorker({ concurrency: slots });
  // two rounds at once would each fill all free slots
  const nudge = shareRounds(async () => {
    if (!isStopped()) await worker.tick();
  });
  // what a round of the worker cannot claim now, its next one tells of
  tellWhenLeft(backend, () => void nudge().catch(() => undefined));
  return { client, run, worker, nudge };
}

/** Calls `onLeft` each time a run has given its slot back, to wait or for good. */
function tellWhenLeft(backend: Backend, onLeft: () => void): void {
  const leave = backend.sleepWorkflowRun.bind(backend);
  const end = backend.completeWorkflowRun.bind(backend);
  // the worker counts the slot as free a few turns of its promises later
  const tell = () => void setImmediate(onLeft);
  Object.assign(backend, {
    sleepWorkflowRun: (run: Parameters<typeof leave>[0]) => leave(run).finally(tell),
    completeWorkflowRun: (run: Parameters<typeof end>[0]) => end(run).finally(tell),
  });
}

function defineRun(client: OpenWorkflow, kind: RunKind, turn: (kind: RunKind, id: string) => Promise<Turn>) {
  const spec = { name: kind, retryPolicy: RETRIES };
  return client.defineWorkflow<{ id: string }, null>(spec, async ({ input: { id }, step, run }) => {
    for (let count = 1; count <= TURNS_A_RUN; count++) {
      const next = await step.run({ name: `turn ${count}`, retryPolicy: RETRIES }, () => turn(kind, id));
      if (next.done) return null;
      if (next.waitMs === 0) continue;
      const timeout = kind === "restart" ? Math.min(next.waitMs, LOOK_AGAIN_MS) : next.waitMs;
      await step.waitForSignal({ name: `wait ${count}`, signal: signalOf(kind, id), timeout });
    }
    await step.run({ name: "go on", retryPolicy: RETRIES }, async () => {
      await client.runWorkflow(spec, { id }, { idempotencyKey: keyOf(kind, id, run.id) });
    });
    return null;
  });
}

/** `after`: the run that it takes over from. */
function keyOf(kind: RunKind, id: string, after?: string): string {
  return after === undefined ? `${kind}:${id}` : `${kind}:${id}:${after}`;
}

function signalOf(kind: RunKind, id: string): string {
  return `${kind}:${id}`;
}
