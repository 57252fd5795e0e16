import assert from "node:assert/strict";
import { test } from "node:test";
import { shareRounds } from "../../src/workflow/share-rounds.ts";

function openRounds() {
  const rounds: PromiseWithResolvers<void>[] = [];
  const ask = shareRounds(() => {
    const round = Promise.withResolvers<void>();
    rounds.push(round);
    return round.promise;
  });
  return { rounds, ask };
}

test("whoever asks during a round shares the next one, which begins when that one is over", async () => {
  const { rounds, ask } = openRounds();
  const first = ask();
  const others = [ask(), ask(), ask()];
  assert.equal(rounds.length, 1);
  rounds[0]?.resolve();
  await first;
  await Promise.resolve();
  assert.equal(rounds.length, 2);
  const late = ask();
  rounds[1]?.resolve();
  await Promise.all(others);
  await new Promise(setImmediate);
  assert.equal(rounds.length, 3);
  rounds[2]?.resolve();
  await late;
});

test("a round that fails is told to those it was for, and the next one begins all the same", async () => {
  const { rounds, ask } = openRounds();
  const first = ask();
  const second = ask();
  rounds[0]?.reject(new Error("away"));
  await assert.rejects(first, /away/);
  await new Promise(setImmediate);
  rounds[1]?.resolve();
  await second;
  const third = ask();
  rounds[2]?.resolve();
  await third;
});
