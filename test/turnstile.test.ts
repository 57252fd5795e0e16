import assert from "node:assert/strict";
import { test } from "node:test";
import { atLeisure, createTurnstile, urgently } from "../src/turnstile.ts";

test("one at a time, in the order they came", async () => {
  const turnstile = createTurnstile();
  const order: string[] = [];
  async function pass(name: string): Promise<void> {
    await turnstile.enter();
    order.push(`${name} in`);
    await Promise.resolve();
    order.push(`${name} out`);
    turnstile.leave();
  }
  await Promise.all(["a", "b", "c"].map(pass));
  assert.deepEqual(order, ["a in", "a out", "b in", "b out", "c in", "c out"]);
});

test("what is urgent passes all that waits, and what it leaves for later does not", async () => {
  const turnstile = createTurnstile();
  const order: string[] = [];
  async function pass(name: string): Promise<void> {
    await turnstile.enter();
    order.push(name);
    await Promise.resolve();
    turnstile.leave();
  }
  await Promise.all([
    ...["a", "b", "c"].map(pass),
    urgently(async () => {
      await pass("first");
      atLeisure(() => void pass("later"));
      await Promise.all([pass("second"), pass("third")]);
    }),
  ]);
  // who is through already is not held up: "b" entered while nothing urgent waited
  await pass("end");
  assert.deepEqual(order, ["a", "first", "b", "second", "third", "c", "later", "end"]);
});

test("what is urgent does not wait until the event loop has turned", async () => {
  let now = 0;
  const turnstile = createTurnstile({ now: () => now });
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  async function work(): Promise<void> {
    await turnstile.enter();
    now += 10;
    turnstile.leave();
  }
  await urgently(() => Promise.all(Array.from({ length: 5 }, work)));
  assert.equal(hasTurned, false);
});

test("while a queue is worked off, the event loop turns", async () => {
  let now = 0;
  const turnstile = createTurnstile({ now: () => now });
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  async function work(): Promise<void> {
    await turnstile.enter();
    now += 10;
    turnstile.leave();
  }
  await Promise.all(Array.from({ length: 20 }, work));
  isDone = true;
  assert.ok(turns >= 15, `turned ${turns} times during 20 pieces of work`);
});
