import assert from "node:assert/strict";
import { test } from "node:test";
import { keepPrepared } from "../../src/store/keep-prepared.ts";

test("a statement is prepared once, and texts without number do not pile up", () => {
  const prepared: string[] = [];
  const prepare = keepPrepared((sql) => ({ sql, nth: prepared.push(sql) }));
  assert.equal(prepare("a"), prepare("a"));
  for (let nth = 0; nth < 299; nth++) prepare(`in ${nth}`);
  assert.equal(prepare("a").nth, 1);
  prepare("one too many");
  assert.equal(prepare("a").nth, 302);
});
