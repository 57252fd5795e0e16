import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CAUSES } from "../../src/classify/cause.ts";
import { RULES } from "../../src/classify/rules.ts";

test("every cause has one rule and one row in docs/rules.md", () => {
  const page = readFileSync(new URL("../../docs/rules.md", import.meta.url), "utf8");
  const documented = [...page.matchAll(/^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \| (?:yes|briefly|no)/gm)].map(
    ([, id]) => id,
  );
  assert.deepEqual(documented.toSorted(), [...CAUSES].toSorted());
  assert.deepEqual(RULES.map(({ id }) => id).toSorted(), [...CAUSES].toSorted());
});
