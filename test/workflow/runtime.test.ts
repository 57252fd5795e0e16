import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import timers from "node:timers/promises";
import { verifyChain } from "../../src/incident/audit-chain.ts";
import type { Incidents } from "../../src/incident/incidents.ts";
import { ANA, BEN, bootBench, EVE, openBench } from "../fakes/bot-bench.ts";
import type { SimulatedSite } from "../fakes/simulated-site.ts";

async function untilClosed({ incidents }: { readonly incidents: Incidents }): Promise<void> {
  while ((await incidents.find(1))?.state !== "closed") await timers.setImmediate();
}

test("a command is answered at once, looks, names the cause, and an approved restart is done once and proven", async (context) => {
  const { world, surface, records } = await bootBench(context);
  const reply = await surface.type("shop", EVE);
  assert.match(reply.text, /Looking at shop \(incident #1\)/);

  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  assert.match(asking.card.headline, /^shop: app\.service on origin-1 is stopped\. A restart would help\./);
  assert.equal(asking.card.action?.title, "Restart app.service on origin-1");
  const why = asking.card.action?.facts.find(({ name }) => name === "why");
  assert.match(why?.value ?? "", /^The application is not running\. Restart: [A-Za-z].*\.$/);
  assert.deepEqual(world.restarts, []);

  assert.match((await surface.press(asking, "approve", ANA)).text, /^Approved/);
  const closed = await surface.until(({ card }) => card.headline.includes("closed"));
  assert.match(closed.card.headline, /was restarted, and the site is proven to work again/);
  assert.equal(closed.card.action?.status, "restarted and proven");
  assert.deepEqual(
    closed.card.buttons.map(({ action }) => action),
    ["evidence"],
  );
  assert.equal(world.restarts.length, 1);

  const rows = [];
  for await (const row of records.audit.rows()) rows.push(row);
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    [
      "incident-opened",
      "diagnosis-made",
      "restart-proposed",
      "restart-approved",
      "restart-sent",
      "restart-done",
      "restart-done",
      "restart-proven",
      "incident-closed",
    ],
  );
  const proof = rows.find(({ kind }) => kind === "restart-proven")?.text ?? "";
  assert.match(
    proof,
    /^The restart of app\.service on origin-1 is proven: unit: \w+; public URL: Asked directly, it answers 200\.$/,
  );
  const last = rows.at(-1);
  assert.ok(last);
  const { status } = await verifyChain(rows, { head: { seq: last.seq, hash: last.hash } });
  assert.equal(status, "ok");
});

test("a decision is stored before what else waits for the store, however much that is", async (context) => {
  const { surface } = await bootBench(context);
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  let answered = 0;
  const asked = Array.from({ length: 100 }, () => surface.type("shop", EVE).then(() => answered++));
  assert.match((await surface.press(asking, "deny", ANA)).text, /^Denied/);
  assert.ok(answered < 10, `${answered} commands were answered first`);
  await Promise.all(asked);
});

test("nobody but an approver decides, and whoever is refused is told why", async (context) => {
  const { world, surface, records } = await bootBench(context);
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  assert.match((await surface.press(asking, "approve", EVE)).text, /not among those who may approve/);
  assert.match(
    (await surface.press({ ...asking, messageId: "other" }, "approve", ANA)).text,
    /not the one that asked/,
  );
  assert.match((await surface.press(asking, "deny", BEN)).text, /^Denied/);
  assert.match((await surface.press(asking, "approve", ANA)).text, /Denied already by Ben/);
  const denied = await surface.until(({ card }) => card.action?.status.startsWith("denied") === true);
  assert.ok(denied.card.buttons.every(({ action }) => action !== "approve"));
  assert.deepEqual(world.restarts, []);
  const kinds = [];
  for await (const { kind } of records.audit.rows()) kinds.push(kind);
  assert.equal(kinds.filter((kind) => kind === "click-refused").length, 3);
});

test("while an approved restart is checked for the last time it can be denied: nothing is sent, and everybody sees who said what", async (context) => {
  const { world, surface, records } = await bootBench(context);
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  const check = Promise.withResolvers<void>();
  world.hold = check.promise;
  await surface.press(asking, "approve", ANA);
  const approved = await surface.until(({ card }) => card.action?.status.startsWith("approved") === true);
  assert.deepEqual(
    approved.card.buttons.map(({ action, label }) => [action, label]),
    [
      ["deny", "Deny after all"],
      ["evidence", "Raw evidence"],
    ],
  );
  assert.match((await surface.press(approved, "deny", EVE)).text, /not among those who may approve/);
  assert.match((await surface.press(approved, "deny", BEN)).text, /^Denied/);
  const denied = await surface.until(({ card }) => card.action?.status === "denied. Ben said no.");
  const facts = denied.card.action?.facts.filter(({ name }) => name.endsWith(" by")) ?? [];
  assert.deepEqual(
    facts.map(({ name, value }) => `${name} ${value.split(" ")[0]}`),
    ["approved by Ana", "denied by Ben"],
  );
  await surface.until(({ notes }) =>
    notes.some(({ text, loud }) => loud && text.endsWith("after its approval; nothing was sent.")),
  );
  assert.match((await surface.press(asking, "approve", ANA)).text, /Denied already by Ben/);

  check.resolve();
  // the next answer to a look comes after the one that was held
  await surface.press(denied, "look-again", EVE);
  await surface.until(({ card }) => card.advice.some((line) => /Ben denied this very restart/.test(line)));
  assert.deepEqual(world.restarts, []);
  assert.deepEqual(
    (await records.intents.ofIncident(1)).map(({ state }) => state),
    ["denied"],
  );
});

for (const { what, bend, told } of [
  {
    what: "the site recovered",
    bend: (world: SimulatedSite) => {
      world.isUp = true;
    },
    told: /the site is well again/,
  },
  {
    what: "the unit was started by somebody else",
    bend: (world: SimulatedSite) => {
      world.invocation = "c".repeat(32);
    },
    told: /was started again since/,
  },
  {
    what: "the host presents another key",
    bend: (world: SimulatedSite) => {
      world.hostKey = `SHA256:${"x".repeat(43)}`;
    },
    told: /presents another host key/,
  },
  {
    what: "the unit must not be touched any more",
    bend: (world: SimulatedSite) => {
      world.refusal = { kind: "refused", why: "app.service is masked.", hint: "" };
    },
    told: /is masked/,
  },
]) {
  test(`an approval is void when ${what}: nothing is sent, and it is said`, async (context) => {
    const { world, surface } = await bootBench(context);
    await surface.type("shop", EVE);
    const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
    bend(world);
    await surface.press(asking, "approve", ANA);
    const cancelled = await surface.until(({ card }) => card.action?.status.startsWith("cancelled") === true);
    assert.match(cancelled.card.action?.status ?? "", told);
    assert.deepEqual(world.restarts, []);
  });
}

test("a lost answer is asked for and never sent again", async (context) => {
  const { world, surface } = await bootBench(context);
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  // the restart happens, the answer does not arrive
  const { control } = world;
  const { restart } = control;
  Object.assign(control, {
    restart: async (...args: Parameters<typeof restart>) => {
      await restart(...args);
      return { kind: "no-answer", text: "the connection was lost." };
    },
  });
  await surface.press(asking, "approve", ANA);
  const closed = await surface.until(({ card }) => card.headline.includes("closed"));
  assert.equal(closed.card.action?.status, "restarted and proven");
  assert.equal(world.restarts.length, 1);
});

test("a restart that heals nothing is said loudly, looked at again and not tried again", async (context) => {
  const { world, surface } = await bootBench(context);
  world.healsOnRestart = false;
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  await surface.press(asking, "approve", ANA);
  const unproven = await surface.until(({ notes }) =>
    notes.some(({ loud, text }) => loud && /NOT PROVEN/.test(text)),
  );
  assert.equal(world.restarts.length, 1);
  assert.match(unproven.notes.map(({ text }) => text).join("\n"), /not tried again/);
});

test("after a proof that failed, restarts of that service are offered again once an approver allows them", async (context) => {
  const { world, surface, clock, records } = await bootBench(context);
  world.healsOnRestart = false;
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  await surface.press(asking, "approve", ANA);
  const blocked = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "lift"));
  assert.match(blocked.card.advice.join("\n"), /could not be proven .* “Allow restarts again”/);
  // the cool-down is over as well
  clock.aheadMs = 11 * 60_000;
  assert.match((await surface.press(blocked, "lift", EVE)).text, /not among those who may approve/);
  assert.match((await surface.press(blocked, "lift", ANA)).text, /allowed again/);
  const again = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  assert.equal(
    again.card.buttons.some(({ action }) => action === "lift"),
    false,
  );
  assert.equal(world.restarts.length, 1, "nothing was restarted by that");
  const [, first] = await records.intents.ofIncident(1);
  assert.equal(first?.verification?.lifted?.person.id, "ana");
  assert.match((await surface.press(blocked, "lift", ANA)).text, /not held back/);
});

test("who closes the bot in the middle of everything finds it going on", async (context) => {
  const opened = await openBench();
  context.after(opened.remove);
  const first = await opened.boot();
  await first.surface.type("shop", EVE);
  const asking = await first.surface.until(({ card }) =>
    card.buttons.some(({ action }) => action === "approve"),
  );
  await first.stop();

  const second = await opened.boot();
  context.after(second.stop);
  // the channel is another one now: what it held before is on the platform
  await second.surface.press(asking, "approve", ANA);
  const [intent] = await second.records.intents.ofIncident(1);
  assert.equal(intent?.decisions.length, 1);
  await second.surface.type("status", EVE);
  await untilClosed(second.records);
  assert.equal(opened.world.restarts.length, 1);
});

test("the deleted state of the engine loses nothing", async (context) => {
  const opened = await openBench();
  context.after(opened.remove);
  const first = await opened.boot();
  await first.surface.type("shop", EVE);
  const asking = await first.surface.until(({ card }) =>
    card.buttons.some(({ action }) => action === "approve"),
  );
  await first.stop();
  for (const suffix of ["", "-wal", "-shm"])
    await rm(`${opened.directory}/engine.db${suffix}`, { force: true });

  const second = await opened.boot();
  context.after(second.stop);
  await second.surface.press(asking, "approve", ANA);
  await untilClosed(second.records);
  assert.equal(opened.world.restarts.length, 1);
});

test("an incident that was opened is looked at, whatever could not be stored right after", async (context) => {
  const { surface, records } = await bootBench(context);
  const { ensurePost } = records.incidents;
  const failing = context.mock.method(records.incidents, "ensurePost", async () => {
    failing.mock.mockImplementation(ensurePost);
    throw new Error("disk full");
  });
  await assert.rejects(surface.type("shop", EVE), /disk full/);
  const { card } = await surface.until(({ card }) => card.tone === "fault");
  assert.equal(card.incident, 1);
});
