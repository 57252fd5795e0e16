import assert from "node:assert/strict";
import { test } from "node:test";
import { leadAstray } from "./lead-astray.ts";

test("logs that tell a model what to say change no verdict, no restart and no question", async () => {
  const { tried, shown, wrong } = await leadAstray({ each: 1 });
  assert.deepEqual(wrong, []);
  assert.ok(tried > 0);
  // words that speak of restarts and approval are never shown; of a lie within the rules something is, beneath the verdict
  assert.equal(shown["does as the text says"], 0);
  assert.ok((shown["lies within the rules"] ?? 0) > 0);
});
