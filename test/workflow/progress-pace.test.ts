import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgressPace } from "../../src/workflow/progress-pace.ts";

const surface = { editEveryMs: 2000 };

test("after a storm of verdicts progress is shown again at once, and no time is given twice", () => {
  let now = 1_000_000;
  const { reserve, giveBack } = createProgressPace({ now: () => now });
  const taken = Array.from({ length: 500 }, () => reserve(surface));
  // all but the last have their verdict before their time has come
  for (const at of taken.slice(0, -1)) giveBack(surface, at);
  now += 10_000;
  const later = Array.from({ length: 600 }, () => reserve(surface));
  assert.ok((later[0] ?? 0) - now <= 3000, `${(later[0] ?? 0) - now} ms`);
  assert.equal(new Set([...later, taken.at(-1)]).size, 601);
});

test("while a platform takes no edits, none of the times that were given back is used", () => {
  const { reserve, giveBack, putOff } = createProgressPace({ now: () => 1_000_000 });
  const [, ...waiting] = Array.from({ length: 10 }, () => reserve(surface));
  for (const at of waiting) giveBack(surface, at);
  putOff(surface, 60_000);
  assert.equal(reserve(surface), 1_060_000);
});
