import assert from "node:assert/strict";
import { test } from "node:test";
import { type Surface, SurfaceError } from "../../src/workflow/surface.ts";
import { bootBench, EVE } from "../fakes/bot-bench.ts";
import { MemorySurface } from "../fakes/memory-surface.ts";

test("what a platform refuses for now is shown once it no longer does, whole and in order", async (context) => {
  const { surface, world } = await bootBench(context);
  world.isUp = true;
  surface.failure = new SurfaceError("later", "429", { retryAfterMs: 20 });
  await surface.type("shop", EVE);
  const shown = await surface.until(
    ({ card, notes }) => card.headline.includes("healthy") && notes.length === 2,
  );
  assert.equal(surface.messages.size, 1);
  assert.deepEqual(
    shown.notes.map(({ key }) => key),
    ["1-1", "1-2"],
  );
});

test("what happened before a platform said where we are is shown there once it has, though it is over by then", async (context) => {
  const made: MemorySurface[] = [];
  const { world, records, sites, surface } = await bootBench(context, {
    edges: { sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    surfaces(bot) {
      const slack = new MemorySurface("slack", bot);
      slack.home = undefined;
      made.push(slack);
      return made;
    },
  });
  const [slack] = made;
  assert.ok(slack);
  const { placesOf } = sites;
  context.mock.method(sites, "placesOf", (site: string, surfaces: readonly Surface[]) => [
    ...placesOf(site, surfaces),
    ...(slack.home === undefined ? [] : [{ surface: "slack", workspace: slack.home, channel: "C1" }]),
  ]);
  world.isUp = true;
  await surface.type("shop", EVE);
  await surface.until(({ notes }) => notes.some(({ text }) => text.startsWith("Closed.")));
  assert.equal((await records.incidents.find(1))?.state, "closed");
  assert.equal(slack.messages.size, 0);
  slack.home = "T0TEAM";
  const { notes } = await slack.until(({ notes }) => notes.length === 2);
  assert.match(notes[1]?.text ?? "", /^Closed\./);
});

test("a message that is gone for good is not tried again, and the incident goes on without it", async (context) => {
  const { surface, world, records } = await bootBench(context);
  world.isUp = true;
  surface.failure = new SurfaceError("gone", "channel_not_found");
  await surface.type("shop", EVE);
  while ((await records.incidents.find(1))?.state !== "closed") await new Promise(setImmediate);
  while ((await records.incidents.incidentsWithDuePosts()).length > 0) await new Promise(setImmediate);
  assert.equal(surface.messages.size, 0);
});

test("looks that run are shown while they run, and are gone when they are done", async (context) => {
  const { surface, world } = await bootBench(context);
  const { promise, resolve } = Promise.withResolvers<void>();
  world.hold = promise;
  await surface.type("shop", EVE);
  const looking = await surface.until(({ card }) => card.progress.length > 0);
  assert.equal(looking.card.tone, "working");
  assert.deepEqual(looking.card.progress, [{ host: "origin-1", state: "looking", text: "1 of 2 looks" }]);
  resolve();
  const done = await surface.until(({ card }) => card.tone === "fault");
  assert.deepEqual(done.card.progress, []);
});

test("a note is said once, however often its card is drawn anew", async (context) => {
  const { surface } = await bootBench(context);
  await surface.type("shop", EVE);
  const first = await surface.until(
    ({ card, notes }) => card.buttons.some(({ action }) => action === "look-again") && notes.length >= 2,
  );
  await surface.press(first, "look-again", EVE);
  const { notes } = await surface.until(({ notes }) => notes.length >= 4);
  const keys = notes.map(({ key }) => key);
  assert.deepEqual(keys, [...new Set(keys)]);
});

test("how far looks are is drawn without a word to the store", async (context) => {
  const { surface, world, records } = await bootBench(context);
  const { promise, resolve } = Promise.withResolvers<void>();
  world.hold = promise;
  await surface.type("shop", EVE);
  const { edits } = await surface.until(({ card }) => card.progress.length > 0);
  const claim = context.mock.method(records.incidents, "claimPost");
  for (let times = 1; times <= 50; times++) {
    world.progress?.({ kind: "lost", host: "origin-1", reason: `the ${times}th time` });
    await surface.until((shown) => shown.edits >= edits + times);
  }
  assert.ok(claim.mock.callCount() <= 3, `${claim.mock.callCount()} claims`);
  resolve();
  await surface.until(({ card }) => card.tone === "fault");
});

test("a verdict and its button do not wait for the pace of edits; how far looks are does", async (context) => {
  const { surface, world } = await bootBench(context);
  surface.editEveryMs = 3_600_000;
  const { promise, resolve } = Promise.withResolvers<void>();
  world.hold = promise;
  await surface.type("shop", EVE);
  await surface.until(({ card }) => card.progress.length > 0);
  for (let times = 1; times <= 50; times++) {
    world.progress?.({ kind: "lost", host: "origin-1", reason: `the ${times}th time` });
    await new Promise(setImmediate);
  }
  resolve();
  const { edits } = await surface.until(({ card }) =>
    card.buttons.some(({ action }) => action === "approve"),
  );
  assert.ok(edits <= 3, `${edits} edits`);
});
