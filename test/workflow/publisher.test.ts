import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Card } from "../../src/report/card.ts";
import { type Surface, SurfaceError } from "../../src/workflow/surface.ts";
import { ANA, bootBench, EVE } from "../fakes/bot-bench.ts";
import { MemorySurface } from "../fakes/memory-surface.ts";
import { VirtualClock } from "../fakes/virtual-clock.ts";

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

test("a message that is gone is not asked about over and over, whatever else happens in its incident", async (context) => {
  const clock = new VirtualClock();
  const { surface, records } = await bootBench(context, { edges: { steady: clock.now, sleep: clock.sleep } });
  const claim = context.mock.method(records.incidents, "claimPost");
  surface.failure = new SurfaceError("gone", "not_in_channel");
  await surface.type("shop", EVE);
  while ((await records.intents.ofIncident(1)).length === 0) await clock.advance(100);
  await clock.advance(0);
  const before = claim.mock.callCount();
  await clock.advance(600_000);
  assert.equal(claim.mock.callCount() - before, 0);
});

test("where nothing could be posted the card comes once somebody asks again, with its whole thread, quietly", async (context) => {
  const { surface, records } = await bootBench(context);
  surface.failure = new SurfaceError("gone", "not_in_channel");
  await surface.type("shop", EVE);
  while ((await records.intents.ofIncident(1)).length === 0) await new Promise(setImmediate);
  assert.equal(surface.messages.size, 0);
  const missed = await records.incidents.notes(1);
  assert.ok(missed.length >= 2 && missed.at(-1)?.loud);

  const reply = surface.reply.bind(surface);
  let calls = 0;
  context.mock.method(surface, "reply", async (...said: Parameters<typeof reply>) => {
    if (++calls === 2) throw new SurfaceError("later", "429", { retryAfterMs: 1 });
    await reply(...said);
  });
  assert.match((await surface.type("shop", EVE)).text, /is open already; looking again there/);
  const { notes } = await surface.until((shown) => shown.notes.length >= missed.length);
  assert.deepEqual(
    notes.slice(0, missed.length).map(({ key, loud }) => [key, loud]),
    missed.map(({ seq }) => [`1-${seq}`, false]),
  );
});

for (const ask of ["the site", "another look"] as const) {
  test(`a card that somebody deleted is posted anew where somebody asks for ${ask}, and only the new one decides`, async (context) => {
    const { surface, world, records } = await bootBench(context);
    await surface.type("shop", EVE);
    const asks = ({ card }: { readonly card: Card }) =>
      ["approve", "look-again"].every((wanted) => card.buttons.some(({ action }) => action === wanted));
    const old = await surface.until((shown) => asks(shown) && shown.notes.length >= 2);
    surface.delete(old.messageId);
    if (ask === "the site") await surface.type("shop", EVE);
    else await surface.press(old, "look-again", EVE);
    const anew = await surface.until(
      (shown) => asks(shown) && shown.card.action?.tone === "asking" && shown.notes.length >= 4,
    );
    assert.notEqual(anew.messageId, old.messageId);
    assert.deepEqual([surface.messages.size, (await records.incidents.posts(1)).length], [1, 1]);
    const keys = anew.notes.map(({ key }) => key);
    assert.deepEqual(keys, [...new Set(keys)]);

    const refused = await surface.press({ ...anew, messageId: old.messageId }, "approve", ANA);
    assert.match(refused.text, /not the one that asked/);
    assert.deepEqual(world.restarts, []);
    assert.match((await surface.press(anew, "approve", ANA)).text, /^Approved\./);
    await surface.until(({ card }) => card.headline.includes("closed"));
    assert.equal(world.restarts.length, 1);
  });
}

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

test("progress that a platform shows later than what another replica wrote is drawn over", async (context) => {
  const { surface, world, records } = await bootBench(context);
  const { incidents, intents } = records;
  const { promise, resolve } = Promise.withResolvers<void>();
  world.hold = promise;
  await surface.type("shop", EVE);
  await surface.until(({ card }) => card.progress.length > 0);
  const [post] = await incidents.posts(1);
  assert.ok(post);
  const update = surface.update.bind(surface);
  const slow = Promise.withResolvers<void>();
  let isDrawing = false;
  context.mock.method(surface, "update", async (...edit: Parameters<typeof update>) => {
    // only progress is drawn while nobody holds the post
    if (!isDrawing && (await incidents.claimPost(post.id, "other", 30_000)).kind === "ours") {
      isDrawing = true;
      await slow.promise;
    }
    await update(...edit);
  });
  while (!isDrawing) {
    world.progress?.({ kind: "lost", host: "origin-1", reason: "not heard of any more" });
    await new Promise(setImmediate);
  }
  resolve();
  for (;;) {
    const { looksWanted, looksDone } = (await incidents.find(1)) ?? {};
    if (looksWanted === looksDone && (await intents.ofIncident(1)).length > 0) break;
    await new Promise(setImmediate);
  }
  const shownVersion = (await incidents.find(1))?.version ?? 0;
  const notesShown = (await incidents.notes(1)).length;
  await incidents.savePost(post.id, "other", { shownVersion, notesShown, release: true });
  slow.resolve();
  const { card } = await surface.until(({ card }) => card.tone === "fault");
  assert.deepEqual(card.progress, []);
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

/** Looks of one incident that never end, shown in so many channels at the pace of Slack, by a clock of its own. */
async function lookForever(context: TestContext, channels: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  context.after(() => resolve());
  const clock = new VirtualClock();
  const bench = await bootBench(context, { edges: { steady: clock.now, sleep: clock.sleep } });
  const { surface, world } = bench;
  surface.editEveryMs = 2000;
  world.hold = promise;
  await surface.type("shop", EVE);
  for (let n = 2; n <= channels; n++) await surface.type("shop", EVE, `c${n}`);
  while (surface.messages.size < channels) await clock.advance(1000);
  await clock.advance(10_000);
  return { ...bench, clock, endLook: resolve };
}

test("all cards of a platform share the edits that show how far looks are, and the verdict waits for none of them", async (context) => {
  const { surface, world, clock, endLook } = await lookForever(context, 5);
  surface.edits.length = 0;
  for (let second = 1; second <= 60; second++) {
    world.progress?.({ kind: "lost", host: "origin-1", reason: `the ${second}th second` });
    await clock.advance(1000);
  }
  const { length } = surface.edits;
  assert.ok(length >= 20 && length <= 25, `${length} edits`);
  const shown = [...surface.messages.values()].map(({ edits }) => edits);
  assert.ok(Math.min(...shown) >= 4, `all go on: ${shown}`);

  // the clock stands still from here on
  endLook();
  await surface.until(() => [...surface.messages.values()].every(({ card }) => card.tone === "fault"));
});

test("a platform that takes no edit for a while is left alone with progress, and the verdict is tried all the same", async (context) => {
  const { surface, world, clock, endLook } = await lookForever(context, 1);
  surface.failure = new SurfaceError("later", "429", { retryAfterMs: 30_000 });
  surface.edits.length = 0;
  for (let second = 1; second <= 25; second++) {
    world.progress?.({ kind: "lost", host: "origin-1", reason: `the ${second}th second` });
    await clock.advance(1000);
  }
  assert.equal(surface.edits.length, 1);
  // the clock stands still from here on
  endLook();
  await surface.until(({ card }) => card.tone === "fault");
});
