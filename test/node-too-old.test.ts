import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeTooOld } from "../src/node-too-old.ts";

const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"));

test("a Node that is too old is told which one is needed, as the package says, and where there is one", () => {
  for (const old of ["18.20.4", "20.20.2", "22.18.9"]) {
    const said = nodeTooOld(old) ?? "";
    assert.ok(said.startsWith(`diagnose502: This is Node ${old}, and `), said);
    assert.equal(`>=${/and ([0-9.]+) or newer/.exec(said)?.[1]}`, engines.node);
    assert.match(said, /npx diagnose502/);
  }
  for (const good of ["22.19.0", "23.0.0", process.versions.node]) assert.equal(nodeTooOld(good), undefined);
});

test("main.ts and what it imports by name can be loaded by an old Node, or nothing could be said", () => {
  // `import { enableCompileCache }` of Node 22 ends Node 20 before its first line
  const main = readFileSync(join(import.meta.dirname, "../src/main.ts"), "utf8");
  const statics = [...main.matchAll(/^import (?!type)(.+) from "(.+)";$/gm)].map(([, what, from]) => [
    what,
    from,
  ]);
  assert.deepEqual(statics, [
    ["* as module", "node:module"],
    ["{ EXIT }", "./cli/exit-status.ts"],
    ["{ nodeTooOld }", "./node-too-old.ts"],
    ["{ keepHeapSmall, keepYoungSpaceSmall }", "./small-heap.ts"],
  ]);
});
