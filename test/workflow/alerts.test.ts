import assert from "node:assert/strict";
import { test } from "node:test";
import timers from "node:timers/promises";
import type { Alert } from "../../src/intake/alert.ts";
import { bootBench, EVE } from "../fakes/bot-bench.ts";

const FIRING: Alert = {
  source: "am",
  status: "firing",
  fingerprint: "f1",
  candidates: ["https://shop.example.com/"],
  title: "ShopDown <!channel>",
};

async function open(context: { after(done: () => Promise<void>): void }) {
  const running = await bootBench(context, { edges: { paceMs: () => 20 } });
  let delivery = 0;
  const arrive = async (alert: Alert, site?: string) => {
    delivery += 1;
    const stored = site === undefined ? { alert } : { alert, site };
    await running.records.inbox.store({ source: alert.source, key: `d${delivery}` }, [stored]);
    running.runtime.alertsArrived();
  };
  return { ...running, arrive };
}

test("an alert opens an incident that is looked at by itself, and its repeats and neighbours join it", async (context) => {
  const { arrive, surface, world, records } = await open(context);
  await arrive(FIRING, "shop");
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  assert.match(asking.card.footer.join(), /opened by an alert of am/);

  await arrive(FIRING, "shop");
  await arrive({ ...FIRING, fingerprint: "f2", title: "ShopSlow" }, "shop");
  const joined = await surface.until(({ notes }) => notes.some(({ text }) => /joined/.test(text)));
  assert.deepEqual(
    joined.notes.filter(({ text }) => /joined/.test(text)).flatMap(({ quotes }) => quotes),
    ["ShopSlow"],
  );
  assert.equal(surface.messages.size, 1);
  assert.equal(world.looks, 1);
  assert.equal((await records.incidents.list({ limit: 10 })).length, 1);
});

test("of many alerts that join one incident the thread tells the first twenty, and that there are more", async (context) => {
  const { arrive, records } = await open(context);
  for (let index = 0; index < 40; index++) await arrive({ ...FIRING, fingerprint: `f${index}` }, "shop");
  while ((await records.inbox.pending(1)).length > 0) await timers.setImmediate();
  const told = (await records.incidents.notes(1)).filter(({ text }) => text.includes("joined"));
  assert.equal(told.length, 21);
  assert.match(told.at(-1)?.text ?? "", /Those that follow are kept/);
});

test("of an alert that fires and is over again and again the thread tells twenty times, and that there is more; the log has all", async (context) => {
  const { arrive, records } = await open(context);
  for (let index = 0; index < 40; index++) {
    await arrive(FIRING, "shop");
    await arrive({ ...FIRING, status: "resolved" }, "shop");
  }
  while ((await records.inbox.pending(1)).length > 0) await timers.setImmediate();
  const told = (await records.incidents.notes(1)).filter(({ text }) => text.includes("resolved"));
  assert.equal(told.length, 21);
  assert.match(
    told.at(-1)?.text ?? "",
    /resolved; the incident closes once .*\. Those that follow are kept, and not told here\.$/,
  );
  let rows = 0;
  for await (const { kind } of records.audit.rows()) if (kind === "alert-resolved") rows++;
  assert.equal(rows, 40);
});

test("a person's look begins at once, however many alerts are before it, and whoever opened the incident", async (context) => {
  const { arrive, records, surface, sites, world } = await open(context);
  const { find, requestOf } = sites;
  const all = Array.from({ length: 15 }, (_, index) => `site${index}`);
  const storm = Promise.withResolvers<void>();
  world.hold = storm.promise;
  const looked: string[] = [];
  Object.assign(sites, {
    find: (name: string) => (all.includes(name) ? find("shop") : find(name)),
    requestOf: async (name: string) => {
      if (!looked.includes(name)) looked.push(name);
      return { ...(await requestOf("shop")), site: name };
    },
  });
  for (const name of all) await arrive({ ...FIRING, fingerprint: name }, name);
  while ((await records.inbox.pending(1)).length > 0 || looked.length < 10) await timers.setImmediate();
  const queued = all.find((name) => !looked.includes(name));
  assert.ok(queued);
  assert.match((await surface.type(queued, EVE)).text, /is open already; looking again there/);
  while (!looked.includes(queued)) await timers.setImmediate();
  assert.equal(looked.length, 11, "ten of alerts, and the person's");
  assert.equal(world.looks, 11);

  storm.resolve();
  await surface.until(() => world.looks >= 15);
  while ((await records.incidents.list({ isDue: true, limit: 1 })).length > 0) await timers.setImmediate();
  assert.equal(world.looks, 15, "once each");
});

test("“resolved” is told and closes nothing; the site's own answers do", async (context) => {
  const { arrive, surface, world, records } = await open(context);
  await arrive(FIRING, "shop");
  await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  await arrive({ ...FIRING, status: "resolved" }, "shop");
  await surface.until(({ notes }) => notes.some(({ text }) => /closes once the site proves it/.test(text)));
  assert.equal((await records.incidents.find(1))?.state, "open");

  world.isUp = true;
  const closed = await surface.until(({ card }) => card.headline.includes("closed"));
  assert.match(closed.card.headline, /The site answers again/);
  assert.equal(
    closed.card.buttons.some(({ action }) => action === "approve"),
    false,
  );
});

test("an alert about no site of ours is said in a channel, and asks for the missing line of the config", async (context) => {
  const { arrive, surface } = await open(context);
  await arrive({ ...FIRING, candidates: ["other.example.com"] });
  const said = await surface.until(({ card }) => /could not look/.test(card.headline));
  assert.equal(said.card.site, "am (no site)");
  assert.deepEqual(said.card.advice, ["Describe it."]);
});

test("an alert about no site of ours is put away when its sender says resolved, once no other of it fires", async (context) => {
  const { arrive, surface, records } = await open(context);
  const stray: Alert = { ...FIRING, candidates: ["other.example.com"] };
  const other: Alert = { ...stray, fingerprint: "f2" };
  await arrive(stray);
  await surface.until(({ card }) => /could not look/.test(card.headline));
  await arrive(other);
  await surface.until(({ notes }) => notes.some(({ text }) => /joined/.test(text)));

  await arrive({ ...stray, status: "resolved" });
  await surface.until(({ notes }) => notes.some(({ text }) => /still fire/.test(text)));
  assert.equal((await records.incidents.find(1))?.state, "open");

  await arrive({ ...other, status: "resolved" });
  await surface.until(({ notes }) =>
    notes.some(({ text }) => /^Closed\. am says that .* resolved/.test(text)),
  );
  assert.equal((await records.incidents.find(1))?.state, "closed");
});
