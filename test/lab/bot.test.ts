import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeRestartHelper } from "../../src/remediate/harden/restart-helper.ts";
import { HELPER_PATH } from "../../src/remediate/restart-words.ts";
import { type BaseLayer, createBaseLayer, LOGIN } from "./base-layer.ts";
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

for (const { name, host, unit } of [
  { name: "upstream-oom-killed--nginx-node", host: "app-1", unit: "shop.service" },
]) {
  test(`${name}: a command, its verdict, an approval, one restart, and the proof`, {
    skip,
  }, async (context) => {
    const labCase = cases.find((one) => one.name === name);
    const stack = stacks.find((one) => one.name === labCase?.stack);
    assert.ok(labCase && stack);
    const running = await startStack(stack, { base, network });
    context.after(() => running.close());
    await waitUntilHealthy(running);
    await installHelper(running, host, unit);
    await labCase.fault(running);
    const before = await invocation(running, host, unit);

    const bot = await openBot(running, { base });
    try {
      assert.match(await bot.type("/diagnose502 shop"), /Looking at shop/);
      const asking = await bot.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
      assert.match(asking.card.headline, /A restart would help/);
      assert.equal(asking.card.action?.title, `Restart ${unit} on ${host}`);
      assert.equal(await invocation(running, host, unit), before);

      assert.match(await bot.press(asking, "approve"), /Approved/);
      const closed = await bot.until(({ card }) => card.headline.includes("closed"));
      assert.equal(closed.card.action?.status, "restarted and proven");
      assert.deepEqual(
        closed.card.action?.checks.filter(({ ok }) => !ok),
        [],
      );
      assert.notEqual(await invocation(running, host, unit), before);
      assert.equal((await running.get("/")).status, 200);
      assert.equal((await running.on(host, "ls -A /run/diagnose502")).includes("."), false);
    } finally {
      await bot.close();
    }
  });
}

async function installHelper(running: RunningStack, host: string, unit: string): Promise<void> {
  const helper = makeRestartHelper([{ service: { manager: "systemd", unit }, mayResetBudget: false }]);
  const target = running.host(host);
  await target.write(HELPER_PATH, helper);
  await target.write("/etc/sudoers.d/helper", `${LOGIN} ALL=(root) NOPASSWD:NOSETENV: ${HELPER_PATH}\n`);
  await target.sh(`chmod 755 ${HELPER_PATH}; chmod 440 /etc/sudoers.d/helper; visudo -cq`);
}

async function invocation(running: RunningStack, host: string, unit: string): Promise<string> {
  return (await running.on(host, `systemctl show -P InvocationID -- ${unit}`)).trim();
}
