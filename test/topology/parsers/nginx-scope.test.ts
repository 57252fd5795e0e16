import assert from "node:assert/strict";
import { test } from "node:test";
import { durationMs } from "../../../src/topology/parsers/nginx/scope.ts";

for (const [text, ms] of [
  ["60", 60_000],
  ["60s", 60_000],
  ["1m30s", 90_000],
  ["500ms", 500],
  ["1h1ms", 3_600_001],
  ["1d2", 86_402_000],
  ["", undefined],
  ["s", undefined],
  ["1m 30s", undefined],
  ["30x", undefined],
  ["x30", undefined],
  ["1".repeat(33), undefined],
] as const) {
  test(`a time of nginx: ${JSON.stringify(text)} is ${ms} ms`, () => {
    assert.equal(durationMs(text), ms);
  });
}

test("a time that is almost one ends at once: tried in all ways to cut it up, it would take minutes", {
  timeout: 30_000,
}, () => {
  for (const end of ["x", "ss", " "]) {
    assert.equal(durationMs(`${"1".repeat(30)}${end}`), undefined);
    assert.equal(durationMs(`${"1".repeat(65_536)}${end}`), undefined);
  }
});
