import assert from "node:assert/strict";
import { test } from "node:test";
import { claimInTurn } from "../../src/store/claim-in-turn.ts";

function backendWith(runs: string[]) {
  const asked: string[] = [];
  const backend = claimInTurn({
    async claimWorkflowRun(worker: string): Promise<string | null> {
      asked.push(worker);
      if (runs[0] === "broken") throw new Error(runs.shift());
      return runs.shift() ?? null;
    },
  });
  const claimAll = (workers: readonly string[]) =>
    Promise.all(workers.map((worker) => backend.claimWorkflowRun(worker).catch(() => "failed")));
  return { runs, asked, claimAll };
}

test("ten free slots ask an empty backend once", async () => {
  const { asked, claimAll } = backendWith([]);
  const workers = Array.from({ length: 10 }, (_, index) => `w${index}`);
  assert.deepEqual(
    await claimAll(workers),
    workers.map(() => null),
  );
  assert.deepEqual(asked, ["w0"]);
});

test("as many runs are claimed as there are, in order", async () => {
  const { asked, claimAll } = backendWith(["a", "b"]);
  assert.deepEqual(await claimAll(["w0", "w1", "w2", "w3"]), ["a", "b", null, null]);
  assert.deepEqual(asked, ["w0", "w1", "w2"]);
});

test("who asks after there was nothing is not told so again", async () => {
  const { runs, claimAll } = backendWith([]);
  const first = claimAll(["w0", "w1"]);
  await Promise.resolve();
  await Promise.resolve();
  runs.push("new");
  const second = claimAll(["w2"]);
  assert.deepEqual(
    [await first, await second].flat().filter((run) => run !== null),
    ["new"],
  );
});

test("a claim that fails is no answer for the others", async () => {
  const { claimAll } = backendWith(["broken", "b"]);
  assert.deepEqual(await claimAll(["w0", "w1", "w2"]), ["failed", "b", null]);
});
