import assert from "node:assert/strict";
import { test } from "node:test";
import type { SecretFinder } from "../../../src/collect/redact/secret.ts";
import { viewsOf } from "../../../src/collect/redact/views.ts";

const MARK = /«[a-z-]+:([^»]*)»/g;

/** One test a text: `«kind:secret»` is what the finder must find in it, and nothing else. */
export function testFinder(find: SecretFinder, texts: readonly string[]): void {
  for (const text of texts) {
    const name = text.length > 100 ? `${text.slice(0, 100)}…` : text;
    test(`${text.includes("«") ? "found" : "left alone"}: ${JSON.stringify(name)}`, () => {
      assert.equal(markFound(find, text.replace(MARK, "$1")), text);
    });
  }
}

function markFound(find: SecretFinder, text: string): string {
  const [searched] = viewsOf(text);
  assert.ok(searched);
  let marked = "";
  let from = 0;
  for (const { start, end, kind } of find(searched).toSorted((a, b) => a.start - b.start)) {
    assert.ok(start >= from, `${text} is found twice`);
    marked += `${text.slice(from, start)}«${kind}:${text.slice(start, end)}»`;
    from = end;
  }
  return marked + text.slice(from);
}
