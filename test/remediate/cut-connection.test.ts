import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutSshd } from "../ssh/real-sshd.ts";
import { cutEverywhere, isTrue } from "./cut-everywhere.ts";

test("wherever the connection of a restart is cut, what is said about it is what the host did", {
  skip: withoutSshd,
}, async () => {
  const results = await cutEverywhere({ everyBytes: 768, everyPackets: 4, atOnce: 4 });
  assert.deepEqual(
    results.filter((result) => !isTrue(result)),
    [],
  );
  const kinds = new Set(results.map(({ first, last }) => `${first} → ${last}`));
  for (const seen of ["refused → refused", "no-answer → not-done", "no-answer → done"]) {
    assert.ok(kinds.has(seen), `no cut led to ${seen}: ${[...kinds].join(", ")}`);
  }
});
