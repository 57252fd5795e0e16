import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../src/operator-error.ts";
import { ANA, bootBench, EVE } from "../fakes/bot-bench.ts";

class BrokenConfigError extends OperatorError {
  readonly code = "BROKEN";
}

const isAsking = ({
  card,
}: {
  readonly card: { readonly buttons: readonly { readonly action: string }[] };
}) => card.buttons.some(({ action }) => action === "approve");

test("the verdict is shown before the service is read for its offer, and the look is done after that", async (context) => {
  const { surface, world, records } = await bootBench(context);
  const { read } = world.control;
  const [reading, mayRead] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  Object.assign(world.control, {
    read: async (...args: Parameters<typeof read>) => {
      reading.resolve();
      await mayRead.promise;
      return await read(...args);
    },
  });
  await surface.type("shop", EVE);
  await reading.promise;
  const { card } = await surface.until(({ card: { tone } }) => tone === "fault");
  assert.equal(card.headline, "shop: app.service on origin-1 is stopped. A restart would help.");
  assert.deepEqual(card.progress, []);
  assert.deepEqual(
    card.buttons.map(({ action }) => action),
    ["evidence"],
  );
  assert.equal((await records.incidents.find(1))?.looksDone, 0);
  mayRead.resolve();
  const asking = await surface.until(
    (shown) => isAsking(shown) && shown.card.buttons.some(({ action }) => action === "look-again"),
  );
  assert.equal(asking.card.headline, card.headline);
  assert.equal((await records.incidents.find(1))?.looksDone, 1);
});

test("an offer that something came between is made by the next turn", async (context) => {
  const { surface, world, records } = await bootBench(context);
  const { read } = world.control;
  let reads = 0;
  Object.assign(world.control, {
    read: async (...args: Parameters<typeof read>) => {
      reads++;
      if (reads === 1) throw new Error("our database is away");
      return await read(...args);
    },
  });
  await surface.type("shop", EVE);
  const asking = await surface.until(isAsking);
  await surface.press(asking, "approve", ANA);
  await surface.until(({ card }) => card.action?.status === "restarted and proven");
  assert.equal((await records.intents.ofIncident(1)).length, 1);
  assert.equal(world.restarts.length, 1);
});

test("an offer that died before its look was done is void when that is made again, and one is left", async (context) => {
  const { surface, records } = await bootBench(context);
  const { change } = records.incidents;
  let isFirst = true;
  context.mock.method(records.incidents, "change", async (...args: Parameters<typeof change>) => {
    if (isFirst && args[1].looksDone !== undefined) {
      isFirst = false;
      throw new Error("our database is away");
    }
    return await change(...args);
  });
  await surface.type("shop", EVE);
  await surface.until(
    (shown) => isAsking(shown) && shown.card.buttons.some(({ action }) => action === "look-again"),
  );
  const states = (await records.intents.ofIncident(1)).map(({ state }) => state);
  assert.deepEqual(states.toSorted(), ["awaiting", "superseded"]);
});

test("what an operator must mend before a service can be read stands beside the verdict", async (context) => {
  const { surface, world } = await bootBench(context);
  Object.assign(world.control, {
    read: async () => {
      throw new BrokenConfigError("origin-1 presents another key.", { hint: "Is it a new machine?" });
    },
  });
  await surface.type("shop", EVE);
  const { card } = await surface.until(({ card: { advice } }) => advice.join().includes("another key"));
  assert.match(
    card.advice[0] ?? "",
    /^No restart is offered: origin-1 presents another key\. Is it a new machine\?$/,
  );
  assert.match(card.headline, /^shop: app\.service on origin-1 is stopped\./);
});

test("while the public URL cannot be asked the diagnosis stands, and the incident closes once it can", async (context) => {
  const { surface, sites, world, records } = await bootBench(context, { edges: { paceMs: () => 10 } });
  const { requestOf } = sites;
  await surface.type("shop", EVE);
  const { card } = await surface.until(isAsking);
  const asked = Promise.withResolvers<void>();
  let times = 0;
  Object.assign(sites, {
    requestOf: async () => {
      times++;
      if (times > 4) asked.resolve();
      throw new BrokenConfigError("~/.ssh/config line 3: bad.", { hint: "Mend it." });
    },
  });
  world.isUp = true;
  await asked.promise;
  const incident = await records.incidents.find(1);
  assert.equal(incident?.failure, undefined);
  assert.equal(incident?.state, "open");
  assert.equal([...surface.messages.values()][0]?.card.headline, card.headline);
  Object.assign(sites, { requestOf });
  await surface.until(({ card: { headline } }) => headline.includes("The site answers again"));
});

test("a question to the public URL that fails each time hides no diagnosis", async (context) => {
  const { surface, sites, records } = await bootBench(context, { edges: { paceMs: () => 10 } });
  await surface.type("shop", EVE);
  await surface.until(isAsking);
  const parked = Promise.withResolvers<void>();
  const { begin, end } = records.stepCrashes;
  let tries = 0;
  Object.assign(records.stepCrashes, {
    begin: async (kind: string, id: string) => {
      tries = await begin(kind, id);
      return tries;
    },
    end: async (kind: string, id: string) => {
      await end(kind, id);
      if (tries > 3) parked.resolve();
    },
  });
  Object.assign(sites, {
    requestOf: async () => {
      throw new TypeError("a bug of ours");
    },
  });
  await parked.promise;
  assert.equal((await records.incidents.find(1))?.failure, undefined);
  const kinds = [];
  for await (const { kind } of records.audit.rows()) kinds.push(kind);
  assert.ok(!kinds.includes("step-parked"));
});

test("the run that takes a person's look of an alert's incident ends with it: one run goes on asking the public URL", async (context) => {
  const { surface, world, records, runtime } = await bootBench(context, {
    edges: { paceMs: () => 60 * 60_000 },
  });
  const ended = Promise.withResolvers<void>();
  const { end } = records.stepCrashes;
  let turns = 0;
  Object.assign(records.stepCrashes, {
    end: async (kind: string, id: string) => {
      await end(kind, id);
      turns += kind === "incident" ? 1 : 0;
      // the alert's look, the person's, and the turn after it
      if (turns === 3) ended.resolve();
    },
  });
  let asked = 0;
  const { sample } = world.http;
  Object.assign(world.http, {
    sample: async (...args: Parameters<typeof sample>) => {
      asked++;
      return await sample(...args);
    },
  });
  const alert = { source: "am", status: "firing", fingerprint: "f", candidates: [], title: "Down" } as const;
  await records.inbox.store({ source: "am", key: "d" }, [{ alert, site: "shop" }]);
  runtime.alertsArrived();
  await surface.until(
    (shown) => isAsking(shown) && shown.card.buttons.some(({ action }) => action === "look-again"),
  );
  await surface.type("shop", EVE);
  await ended.promise;
  assert.equal(world.looks, 2);
  assert.equal(asked, 0);
});
