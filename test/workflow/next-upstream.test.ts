import assert from "node:assert/strict";
import { test } from "node:test";
import { ANA, EVE, openBench } from "../fakes/bot-bench.ts";

test("the next upstream of a site is offered only once an approver has set the failed proof of the first aside", async (context) => {
  const opened = await openBench();
  const { world, sites } = opened;
  const { requestOf } = sites;
  const upstreams = ["origin-1", "origin-2"].map((name) => ({ name, how: { kind: "local" } }) as const);
  Object.assign(sites, { requestOf: async (name: string) => ({ ...(await requestOf(name)), upstreams }) });
  const { diagnose } = world;
  world.healsOnRestart = false;
  Object.assign(world, {
    // what was restarted once is not to blame any more: the other is
    diagnose: async (...args: Parameters<typeof diagnose>) => {
      const looked = await diagnose(...args);
      const { remediation } = looked.diagnosis;
      if (world.restarts.length === 0 || remediation === null) return looked;
      const second = { ...looked.diagnosis, remediation: { ...remediation, host: "origin-2" } };
      return { ...looked, diagnosis: second };
    },
  });
  const { surface, stop } = await opened.boot();
  context.after(async () => {
    await stop();
    await opened.remove();
  });

  await surface.type("shop", EVE);
  const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  await surface.press(asking, "approve", ANA);
  const blocked = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "lift"));
  assert.match(
    blocked.card.advice.join("\n"),
    /^No restart is offered: The restart of app\.service on origin-1 for shop at .* could not be proven/,
  );
  await surface.press(blocked, "lift", ANA);
  const again = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  assert.equal(again.card.action?.title, "Restart app.service on origin-2");
  assert.equal(world.restarts.length, 1);
});
