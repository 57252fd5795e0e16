import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublicSample } from "../../src/collect/evidence.ts";
import { diagnose, STOPPED, sample } from "./evidence.ts";

function unanswered(phase: NonNullable<PublicSample["error"]>["phase"], code: string): PublicSample {
  return sample(null, "", { error: { phase, code, message: code } });
}

for (const [phase, code] of [
  ["dns", "ENOTFOUND"],
  ["connect", "ECONNREFUSED"],
  ["connect", "ETIMEDOUT"],
] as const) {
  test(`requests that end in ${code} do not reach a proxy that listens: a fault in front of it`, () => {
    const { outcome, cause } = diagnose({ samples: [unanswered(phase, code), unanswered(phase, code)] });
    assert.equal(outcome, "fault");
    assert.equal(cause?.id, "edge-cannot-reach-origin");
  });
}

for (const [phase, code] of [
  ["dns", "EAI_AGAIN"],
  ["connect", "ENETUNREACH"],
] as const) {
  const samples = [unanswered(phase, code), unanswered(phase, code)];

  test(`where our own machine's DNS or network fails (${code}), nothing is claimed of the site`, () => {
    const { outcome, cause, candidates, remediation, advice } = diagnose({ samples });
    assert.deepEqual(
      { outcome, cause, remediation },
      { outcome: "inconclusive", cause: null, remediation: null },
    );
    assert.equal(candidates[0]?.id, "edge-cannot-reach-origin");
    assert.match(advice.join("\n"), /another machine: this one's own DNS or network/);
  });

  test(`what is seen on the hosts is named all the same (${code})`, () => {
    const { outcome, cause } = diagnose({ ...STOPPED, samples });
    assert.deepEqual([outcome, cause?.id], ["fault", "upstream-not-running"]);
  });
}
