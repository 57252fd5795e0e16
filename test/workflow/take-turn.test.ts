import assert from "node:assert/strict";
import { test } from "node:test";
import { ANA, bootBench, EVE, openBench } from "../fakes/bot-bench.ts";

test("looks that fail each time are parked after the third, shown, and can be asked for again", async (context) => {
  let isBroken = true;
  const opened = await openBench({
    edges: {
      diagnose: async (...args) => {
        if (isBroken) throw new TypeError("a bug of ours");
        return await opened.world.diagnose(...args);
      },
    },
  });
  const { surface, stop } = await opened.boot();
  context.after(async () => {
    await stop();
    await opened.remove();
  });
  await surface.type("shop", EVE);
  const parked = await surface.until(({ card }) => /could not look/.test(card.headline));
  assert.match(parked.card.headline, /failed 3 times in a row/);
  assert.doesNotMatch(JSON.stringify(parked.card), /a bug of ours/);

  isBroken = false;
  assert.match((await surface.press(parked, "look-again", EVE)).text, /Looking again/);
  await surface.until(({ card }) => card.tone === "fault");
});

test("an offer that fails each time is given up after the third, and stands beside the verdict", async (context) => {
  const { surface, world } = await bootBench(context);
  Object.assign(world.control, {
    read: async () => {
      throw new TypeError("a bug of ours");
    },
  });
  await surface.type("shop", EVE);
  const { card } = await surface.until(({ card: { advice } }) => advice.join().includes("3 times"));
  assert.match(
    card.advice[0] ?? "",
    /^No restart is offered: Reading the service failed 3 times in a row\. See the bot's log/,
  );
  assert.match(card.headline, /^shop: app\.service on origin-1 is stopped\./);
  assert.equal(world.looks, 3);
});

test("a last check that fails each time gives the restart up, and nothing is sent", async (context) => {
  const { surface, world } = await bootBench(context);
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  Object.assign(world.control, {
    read: async () => {
      throw new TypeError("a bug of ours");
    },
  });
  await surface.press(asking, "approve", ANA);
  const given = await surface.until(({ card }) => card.action?.status.startsWith("cancelled") === true);
  assert.match(given.card.action?.status ?? "", /failed 3 times in a row; nothing was sent/);
  assert.deepEqual(world.restarts, []);
});

test("a proof that fails each time ends, and it is said loudly", async (context) => {
  const opened = await openBench({
    edges: {
      verify: async () => {
        throw new TypeError("a bug of ours");
      },
    },
  });
  const { surface, records, stop } = await opened.boot();
  context.after(async () => {
    await stop();
    await opened.remove();
  });
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  await surface.press(asking, "approve", ANA);
  const told = await surface.until(({ notes }) =>
    notes.some(({ text, loud }) => loud && /NOT PROVEN: its proof failed 3 times in a row/.test(text)),
  );
  assert.doesNotMatch(JSON.stringify(told), /a bug of ours/);
  assert.equal(opened.world.restarts.length, 1);
  assert.deepEqual(await records.intents.open(), []);
});

test("a restart whose site leaves the config before its proof ends as not proven, and says why", async (context) => {
  const { surface, world, sites, records } = await bootBench(context);
  const { requestOf } = sites;
  Object.assign(sites, {
    requestOf: (name: string) => requestOf(world.restarts.length === 0 ? name : "gone"),
  });
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  await surface.press(asking, "approve", ANA);
  await surface.until(({ notes }) =>
    notes.some(({ text, loud }) => loud && /NOT PROVEN: unit: could not look: gone is no site\. /.test(text)),
  );
  assert.deepEqual(await records.intents.open(), []);
});

test("an offer nobody answers ends by itself, and its button with it", async (context) => {
  const { surface } = await bootBench(context, {
    site: { approval: { selfApproval: true, approvals: 1, expireAfterMs: 300 } },
  });
  await surface.type("shop", EVE);
  const ended = await surface.until(({ card }) => card.action?.status.startsWith("nobody approved") === true);
  assert.ok(ended.card.buttons.every(({ action }) => action !== "approve"));
});

test("where nobody may approve, the proposal is shown without a button", async (context) => {
  const { surface } = await bootBench(context, {
    site: { approvers: { slack: ["U1"], discord: [], console: [] } },
  });
  await surface.type("shop", EVE);
  const shown = await surface.until(({ card }) => card.action !== null && card.buttons.length > 1);
  assert.deepEqual(
    shown.card.buttons.map(({ action }) => action),
    ["look-again", "evidence"],
  );
});
