import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Explanation } from "../../src/report/explain.ts";
import { bootBench, EVE } from "../fakes/bot-bench.ts";

async function ask(context: TestContext, explained: () => Promise<Explanation>) {
  const { surface } = await bootBench(context, { edges: { explain: explained } });
  await surface.type("shop", EVE);
  return surface;
}

test("a model's words come later, beneath a card that says the same with them and without", async (context) => {
  const { promise, resolve } = Promise.withResolvers<Explanation>();
  const surface = await ask(context, () => promise);
  const before = await surface.until(({ card: { buttons } }) =>
    ["approve", "look-again"].every((wanted) => buttons.some(({ action }) => action === wanted)),
  );
  assert.equal(before.card.explanation, undefined);

  const words = { text: "The process ended.", nextLook: "Read its journal.", model: "llama" };
  resolve({ kind: "explained", ...words, findings: ["f1"] });
  const after = await surface.until(({ card }) => card.explanation !== undefined);
  const { explanation, ...rest } = after.card;
  assert.deepEqual(explanation, words);
  assert.deepEqual(rest, before.card);
});

for (const { what, explain } of [
  { what: "has nothing to say", explain: async () => ({ kind: "nothing", reason: "off" }) as const },
  { what: "breaks", explain: () => Promise.reject(new Error("a bug")) },
]) {
  test(`a model that ${what} takes nothing away`, async (context) => {
    const surface = await ask(context, explain);
    const shown = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
    assert.equal(shown.card.explanation, undefined);
    assert.match(shown.card.headline, /A restart would help/);
  });
}
