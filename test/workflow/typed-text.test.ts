import assert from "node:assert/strict";
import { test } from "node:test";
import { typeNames } from "./type-names.ts";

test("whatever is typed, exactly the name of a site makes the bot look, and no host is told anything of it", async () => {
  const { accepted, hosts, scripts, wrong } = await typeNames({ count: 20_000 });
  assert.deepEqual(wrong, []);
  assert.ok(accepted > 0, "the name was typed too");
  assert.deepEqual(hosts, ["edge-1", "origin-1"]);
  assert.ok(scripts > 0, "hosts were told to look");
});
