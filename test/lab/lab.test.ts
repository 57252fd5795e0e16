import assert from "node:assert/strict";
import { test } from "node:test";
import { cases, SPREAD } from "./cases.ts";
import { labUnavailableBecause, missingPackages } from "./packages.ts";
import { renderResult } from "./render-results.ts";
import { runCases } from "./run-cases.ts";
import { stacks } from "./stacks.ts";

/** Why no hosts can be booted here, in one sentence; undefined when they can. */
async function obstacle(): Promise<string | undefined> {
  const reason = await labUnavailableBecause();
  if (reason) return reason;
  const missing = await missingPackages();
  return missing.length > 0
    ? `packages are missing (npm run lab installs them): ${missing.join(" ")}`
    : undefined;
}

test("every case of the lab has a name of its own and names a stack that exists", () => {
  const names = cases.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
  const known = stacks.map(({ name }) => name);
  for (const { name, stack } of cases) {
    assert.ok(known.includes(stack), `${name} wants ${stack}`);
    assert.ok(name.split("--")[1] === stack, `${name} says another stack than ${stack}`);
  }
  for (const name of SPREAD) assert.ok(names.includes(name), `the spread names ${name}`);
});

const reason = await obstacle();
if (reason) {
  process.stderr.write(
    `\n*** SKIPPED: ${SPREAD.length} diagnoses of real faults on real hosts, because ${reason} ***\n\n`,
  );
}

test("real faults on real hosts are named, and the hosts are left as they were", {
  skip: reason ?? false,
}, async (t) => {
  const spread = cases.filter(({ name }) => SPREAD.includes(name));
  const results = await runCases(spread, { jobs: 2, dry: false, onResult: () => undefined });
  for (const result of results) {
    await t.test(result.name, () => {
      const row = renderResult(result);
      assert.equal(result.trouble, undefined, row);
      assert.ok(result.took, row);
      assert.equal(result.judgement?.grade, "right", row);
      assert.equal(result.judgement?.wrongRestart, false, row);
      assert.deepEqual(result.touched, [], row);
    });
  }
});
