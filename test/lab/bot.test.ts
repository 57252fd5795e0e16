import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { type BaseLayer, createBaseLayer } from "./base-layer.ts";
import type { Seen } from "./bot/channel.ts";
import { hardenHosts } from "./bot/harden-hosts.ts";
import { openBot } from "./bot/open-bot.ts";
import { cases } from "./cases.ts";
import { createNetwork, type LabNetwork } from "./network.ts";
import { labUnavailableBecause, missingPackages } from "./packages.ts";
import { type RunningStack, startStack, waitUntilHealthy } from "./stack.ts";
import { stacks } from "./stacks.ts";

const missing = (await labUnavailableBecause()) ?? (await missingPackages()).join(" ");
const skip = missing === "" ? false : `SKIPPED: the bot restarted nothing on real hosts: ${missing}`;
if (skip) process.stderr.write(`\n*** ${skip} ***\n\n`);

let base: BaseLayer;
let network: LabNetwork;
before(async () => {
  if (skip) return;
  base = await createBaseLayer();
  network = await createNetwork(base.id);
});
after(async () => {
  await network?.close();
  await base?.close();
});

/** A fault that a restart mends, on hosts where it may be done. */
async function breakStack(context: TestContext, { name, host, unit }: typeof OOM) {
  const labCase = cases.find((one) => one.name === name);
  const stack = stacks.find((one) => one.name === labCase?.stack);
  assert.ok(labCase && stack);
  const running = await startStack(stack, { base, network });
  context.after(() => running.close());
  await waitUntilHealthy(running);
  await hardenHosts(running, base);
  await labCase.fault(running);
  const startedAs = await invocation(running, host, unit);
  return {
    running,
    async mustBeRestartedOnce() {
      assert.notEqual(await invocation(running, host, unit), startedAs);
      assert.equal((await running.get("/")).status, 200);
      const markers = (await running.on(host, "ls -A /run/diagnose502")).trim();
      assert.equal(markers, "lock");
    },
    async mustBeUntouched() {
      assert.equal(await invocation(running, host, unit), startedAs);
    },
  };
}

const OOM = { name: "upstream-oom-killed--nginx-node", host: "app-1", unit: "shop.service" };
const APPROVE = "Restart upstream only";
const asks = ({ buttons }: Seen) => buttons.includes(APPROVE);
const isClosed = ({ text }: Seen) => /was restarted, and the site is proven to work again/.test(text);

for (const surface of ["slack", "discord", "console"] as const) {
  test(`${surface}: a command, the verdict, an approval, one restart, the proof`, {
    skip,
  }, async (context) => {
    const { running, mustBeRestartedOnce, mustBeUntouched } = await breakStack(context, OOM);
    const bot = await openBot(running, { base, surface });
    try {
      await bot.order({ do: "command", site: "shop" });
      const asking = await bot.until("a proposal", asks);
      assert.match(asking.text, /killed for memory.*A restart would help/);
      assert.match(asking.text, /Restart shop\.service on app-1/);
      await mustBeUntouched();

      await bot.order({ do: "press", messageId: asking.id, label: APPROVE });
      const closed = await bot.until("the proof", isClosed);
      assert.equal(closed.id, asking.id);
      assert.match(closed.text, /restarted and proven/);
      assert.ok(!closed.buttons.includes(APPROVE));
      assert.ok(
        closed.thread.some((text) => /is proven:/.test(text)),
        closed.thread.join("\n"),
      );
      await mustBeRestartedOnce();
      assert.equal(bot.messages().length, 1);
    } finally {
      await bot.close();
    }
  });
}

test("an alert opens the thread by itself, and a bot that is killed before and after the approval goes on: one restart", {
  skip,
}, async (context) => {
  const { running, mustBeRestartedOnce } = await breakStack(context, OOM);
  const bot = await openBot(running, { base, surface: "slack", withAlerts: true });
  try {
    await bot.order({ do: "fire" });
    const opened = await bot.until("a proposal", asks);
    assert.match(opened.text, /opened by an alert of am/);
    await bot.order({ do: "kill" });
    await bot.order({ do: "press", messageId: opened.id, label: APPROVE });
    await bot.order({ do: "kill" });
    const closed = await bot.until("the proof", isClosed);
    assert.equal(closed.id, opened.id);
    await mustBeRestartedOnce();
    await bot.order({ do: "resolve" });
  } finally {
    await bot.close();
  }
});

test("what was stopped on purpose is named, and no restart is offered", { skip }, async (context) => {
  const name = "upstream-not-running--nginx-fpm-socket";
  const { running, mustBeUntouched } = await breakStack(context, {
    name,
    host: "web-1",
    unit: "php8.2-fpm.service",
  });
  const bot = await openBot(running, { base, surface: "discord" });
  try {
    await bot.order({ do: "command", site: "shop" });
    const told = await bot.until("the obstacle", ({ text }) => /No restart is offered/.test(text));
    assert.match(told.text, /was stopped on purpose/);
    assert.ok(!told.buttons.includes(APPROVE));
    await mustBeUntouched();
  } finally {
    await bot.close();
  }
});

async function invocation(running: RunningStack, host: string, unit: string): Promise<string> {
  return (await running.on(host, `systemctl show -P InvocationID -- ${unit}`)).trim();
}
