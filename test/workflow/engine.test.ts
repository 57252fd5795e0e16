import assert from "node:assert/strict";
import { test } from "node:test";
import { openEngineBackends } from "../../src/store/open-engine-backends.ts";
import { createEngine, LANES } from "../../src/workflow/engine.ts";
import { makeStateDirectory } from "../store/temporary-place.ts";

const RUNS = 25;

test("a run that ends or waits makes room for the next one at once, without a worker that polls", async (t) => {
  const directory = await makeStateDirectory(t);
  const opened = await openEngineBackends({ kind: "sqlite", directory }, { lanes: LANES });
  const waiting: (() => void)[] = [];
  const taken: string[] = [];
  let atOnce = 0;
  const allTaken = Promise.withResolvers<void>();
  const engine = createEngine({
    backends: opened.backends,
    turn: async (_kind, id) => {
      taken.push(id);
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      atOnce = Math.max(atOnce, waiting.length);
      if (taken.length > 10) resolve();
      if (taken.length === RUNS) allTaken.resolve();
      await promise;
      waiting.splice(waiting.indexOf(resolve), 1);
      return Number(id) % 2 === 0 ? { done: true } : { done: false, waitMs: 60_000 };
    },
    log: { debug: () => undefined, info: () => undefined, warn: assert.fail, error: assert.fail },
    sleep: async () => undefined,
  });
  // never started: all of its rounds are those that it was nudged to
  for (let id = 0; id < RUNS; id++) await engine.ensureRun("incident", String(id), "alerts");
  assert.equal(taken.length, 10);
  for (const resolve of waiting.slice()) resolve();
  await allTaken.promise;
  assert.equal(atOnce, 10);
  await engine.stop();
  await opened.close();
});
