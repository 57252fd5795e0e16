import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { OpenWorkflow } from "openworkflow";
import { holdLock } from "../../src/store/hold-lock.ts";
import { openEngineBackends } from "../../src/store/open-engine-backends.ts";
import type { StorePlace } from "../../src/store/store-place.ts";
import { startPostgres, withoutPostgres } from "../fakes/postgres.ts";
import { makeStateDirectory } from "./temporary-place.ts";

const LANES = ["alerts", "decisions"] as const;
const LEASE_MS = 30_000;
const FAR = new Date("2099-01-01T00:00:00.000Z");

type Engine = Awaited<ReturnType<typeof openEngineBackends<(typeof LANES)[number]>>>;

async function createRun(
  engine: Engine,
  lane: (typeof LANES)[number] = "decisions",
  availableAt: Date | null = null,
): Promise<string> {
  const { id } = await engine.backends[lane].createWorkflowRun({
    workflowName: "restart",
    version: null,
    idempotencyKey: null,
    config: {},
    context: null,
    input: null,
    parentStepAttemptNamespaceId: null,
    parentStepAttemptId: null,
    availableAt,
    deadlineAt: null,
  });
  return id;
}

async function claim(engine: Engine, workerId: string): Promise<string | undefined> {
  const run = await engine.backends.decisions.claimWorkflowRun({ workerId, leaseDurationMs: LEASE_MS });
  return run?.id;
}

test("the engine waits for another process's lock, which it does not by itself", async (t) => {
  const directory = await makeStateDirectory(t);
  const engine = await openEngineBackends({ kind: "sqlite", directory }, { lanes: LANES });
  t.after(() => engine.close());
  for (const backend of Object.values(engine.backends)) {
    const connection: unknown = Reflect.get(backend, "db");
    assert.ok(connection instanceof DatabaseSync);
    assert.deepEqual({ ...connection.prepare("PRAGMA busy_timeout").get() }, { timeout: 5000 });
  }
  assert.equal((await stat(join(directory, "engine.db"))).mode & 0o777, 0o600);
});

test("with the lock held, what a dead process worked on is taken up at once", async (t) => {
  const directory = await makeStateDirectory(t);
  const place = { kind: "sqlite", directory } as const;
  const dead = await openEngineBackends(place, { lanes: LANES });
  const id = await createRun(dead);
  assert.equal(await claim(dead, "dead"), id);
  await dead.close();

  const stranger = await openEngineBackends(place, { lanes: LANES });
  assert.equal(await claim(stranger, "stranger"), undefined, "its lease is respected without the lock");
  await stranger.close();

  const lock = holdLock(directory, Date.now);
  const heir = await openEngineBackends(place, { lanes: LANES, lock });
  assert.equal(await claim(heir, "heir"), id);
  await heir.close();
  lock.release();
});

test("a run that waits goes on waiting when a dead process's leases are given back", async (t) => {
  const directory = await makeStateDirectory(t);
  const place = { kind: "sqlite", directory } as const;
  const dead = await openEngineBackends(place, { lanes: LANES });
  const id = await createRun(dead);
  await claim(dead, "dead");
  await dead.backends.decisions.sleepWorkflowRun({ workflowRunId: id, workerId: "dead", availableAt: FAR });
  await dead.close();

  const lock = holdLock(directory, Date.now);
  const heir = await openEngineBackends(place, { lanes: LANES, lock });
  assert.equal(await claim(heir, "heir"), undefined);
  assert.deepEqual((await heir.backends.decisions.getWorkflowRun({ workflowRunId: id }))?.availableAt, FAR);
  await heir.close();
  lock.release();
});

async function testEngine(t: TestContext, place: StorePlace): Promise<void> {
  const [engine, replica] = await Promise.all([
    openEngineBackends(place, { lanes: LANES }),
    openEngineBackends(place, { lanes: LANES }),
  ]);
  await replica.close();
  try {
    await t.test("a run of one lane is not seen by another", async () => {
      await createRun(engine, "alerts");
      assert.equal(await claim(engine, "w"), undefined);
    });

    await t.test("runs that ended long ago are forgotten, with their steps; the others stay", async () => {
      const client = new OpenWorkflow({ backend: engine.backends.decisions });
      const brief = client.defineWorkflow({ name: "brief" }, async ({ step }) => {
        await step.run({ name: "once" }, () => 1);
      });
      const waiting = client.defineWorkflow({ name: "waiting" }, async ({ step }) => {
        await step.waitForSignal({ name: "wait", signal: "never", timeout: "1h" });
      });
      const worker = client.newWorker({ concurrency: 2 });
      await worker.start();
      const ended = await brief.run();
      const open = await waiting.run();
      await ended.result();
      await worker.stop();
      const steps = (workflowRunId: string) => engine.backends.decisions.listStepAttempts({ workflowRunId });
      assert.equal((await steps(ended.workflowRun.id)).data.length, 1);

      assert.equal(await engine.removeRunsEndedBefore("2020-01-01T00:00:00.000Z"), 0);
      assert.equal(await engine.removeRunsEndedBefore(FAR.toISOString()), 1);
      const find = (workflowRunId: string) => engine.backends.decisions.getWorkflowRun({ workflowRunId });
      assert.equal(await find(ended.workflowRun.id), null);
      assert.equal((await steps(ended.workflowRun.id)).data.length, 0);
      assert.equal((await find(open.workflowRun.id))?.status, "running");
    });

    await t.test(
      "a run that would be tried again at a far time is tried now, when it is told so",
      async () => {
        const id = await createRun(engine, "decisions", FAR);
        assert.equal(await claim(engine, "w"), undefined);
        await engine.retryNow();
        assert.equal(await claim(engine, "w"), id);
      },
    );
  } finally {
    await engine.close();
  }
}

test("the engine in a file", async (t) => {
  await testEngine(t, { kind: "sqlite", directory: await makeStateDirectory(t) });
});

test("the engine in PostgreSQL, with two replicas that start together", {
  skip: withoutPostgres ?? false,
}, async (t) => {
  const server = await startPostgres();
  try {
    await testEngine(t, { kind: "postgres", url: server.url });
  } finally {
    await server.remove();
  }
});
