import assert from "node:assert/strict";
import { test } from "node:test";
import timers from "node:timers/promises";
import type { Intent } from "../../src/approval/intent.ts";
import { isAhead, watchClock } from "../../src/workflow/clocks.ts";
import { ANA, bootBench, EVE } from "../fakes/bot-bench.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("a clock that drifts was not set; one that is moved by more than half a minute was, by so much", () => {
  const clocks = { wall: 5000, steady: 70 };
  const setBy = watchClock({ now: () => clocks.wall, steady: () => clocks.steady });
  for (const [wallMs, steadyMs, expected] of [
    [HOUR, HOUR, 0],
    [30_000, 0, 0],
    [30_001, 0, 30_001],
    [-30_000, 0, 0],
    [-30_001, 0, -30_001],
    [HOUR, 40_000, HOUR - 40_000],
  ] as const) {
    Object.assign(clocks, { wall: 5000 + wallMs, steady: 70 + steadyMs });
    assert.equal(setBy(), expected);
  }
  assert.equal(isAhead(new Date(30_000).toISOString(), 0), false);
  assert.equal(isAhead(new Date(30_001).toISOString(), 0), true);
});

/** What happens while the host is read for the last time before it is restarted. */
const MEANWHILE: readonly {
  readonly what: string;
  readonly upset: { readonly aheadMs?: number; readonly heldUpMs?: number };
  readonly status: RegExp;
  readonly looks: number;
  readonly restarts: number;
}[] = [
  {
    what: "held up is checked again, and done once",
    upset: { heldUpMs: 40_000 },
    status: /^restarted and proven/,
    looks: 3,
    restarts: 1,
  },
  {
    what: "while the clock is set forward is checked again, and done once",
    upset: { aheadMs: 40_000 },
    status: /^restarted and proven/,
    looks: 3,
    restarts: 1,
  },
  {
    what: "while the clock is set forward by an hour came too late",
    upset: { aheadMs: HOUR },
    status: /could not be sent in time/,
    looks: 2,
    restarts: 0,
  },
  {
    what: "while the clock is set back is void: nobody knows how old its approval is",
    upset: { aheadMs: -HOUR },
    status: /clock was set back.* how old the approval is cannot be told/,
    looks: 2,
    restarts: 0,
  },
];

for (const { what, upset, status, looks, restarts } of MEANWHILE) {
  test(`a restart whose last check was ${what}`, async (context) => {
    const { world, surface, clock } = await bootBench(context);
    await surface.type("shop", EVE);
    const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
    const { read } = world.control;
    let isUpset = false;
    Object.assign(world.control, {
      read: async (...args: Parameters<typeof read>) => {
        const reading = await read(...args);
        if (!isUpset) Object.assign(clock, upset);
        isUpset = true;
        return reading;
      },
    });
    await surface.press(asking, "approve", ANA);
    await surface.until(({ card }) => status.test(card.action?.status ?? ""));
    assert.equal(world.restarts.length, restarts);
    assert.equal(world.looks, looks);
  });
}

test("a question that was asked later than now is void, and it is seen at once that the clock was set", async (context) => {
  const { surface, clock } = await bootBench(context);
  await surface.type("shop", EVE);
  await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  clock.aheadMs = -HOUR;
  const ended = await surface.until(({ card }) => /how old the question is/.test(card.action?.status ?? ""));
  assert.ok(ended.card.buttons.every(({ action }) => action !== "approve"));
});

test("whoever is held up between the claim and the host sends nothing, and people are asked anew", async (context) => {
  const { world, surface, clock, records } = await bootBench(context);
  const { restart } = world.control;
  const fresh: (boolean | undefined)[] = [];
  Object.assign(world.control, {
    restart: async (...[host, intent, options]: Parameters<typeof restart>) => {
      fresh.push(options.isFresh?.());
      if (fresh.length > 1) return await restart(host, intent, options);
      clock.heldUpMs += 31_000;
      fresh.push(options.isFresh?.());
      return { kind: "not-done", text: "Nothing was sent." };
    },
  });
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  await surface.press(asking, "approve", ANA);
  const again = await surface.until(({ card }) =>
    card.buttons.some(({ action, value }) => action === "approve" && value !== keyOf(asking)),
  );
  assert.deepEqual(fresh, [true, false]);
  assert.deepEqual(world.restarts, []);
  assert.equal((await records.intents.find(keyOf(asking)))?.state, "not-done");
  assert.notEqual(keyOf(again), keyOf(asking));
});

test("how long a host is asked what became of a restart is told by no clock that can be set", async (context) => {
  const { world, surface, clock, records } = await bootBench(context);
  let asked = 0;
  const noAnswer = { kind: "no-answer", text: "it may be under way" } as const;
  Object.assign(world.control, {
    restart: async () => noAnswer,
    ask: async () => {
      asked++;
      return noAnswer;
    },
  });
  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  await surface.press(asking, "approve", ANA);
  const stateAfter = async (times: number): Promise<Intent["state"] | undefined> => {
    while (asked < times) await timers.setImmediate();
    return (await records.intents.find(keyOf(asking)))?.state;
  };
  assert.equal(await stateAfter(1), "sent");
  clock.aheadMs = HOUR;
  assert.equal(await stateAfter(3), "sent");
  clock.heldUpMs = 16 * MINUTE;
  await surface.until(({ notes }) => notes.some(({ text }) => /It is UNKNOWN whether/.test(text)));
});

function keyOf(asking: {
  readonly card: { readonly buttons: readonly { action: string; value: string }[] };
}): string {
  return asking.card.buttons.find(({ action }) => action === "approve")?.value ?? "";
}
