import assert from "node:assert/strict";
import { test } from "node:test";
import { bootIdOf, lookOf, outputOf, resultOf, sayOutcome } from "../../src/remediate/manager.ts";
import { type Answer, BOOT_ID, makeResult, makeRun } from "./make-run.ts";

test("a look of ours runs its words as ourselves, within ten seconds and 64 KiB", () => {
  const look = {
    id: "unit",
    probe: "service.unit",
    params: {},
    action: { kind: "run", argv: ["systemctl", "show"] },
    as: "self",
    timeoutMs: 10_000,
    maxBytes: 65_536,
  };
  assert.deepEqual(lookOf("unit", ["systemctl", "show"]), look);
  const bounds = { timeoutMs: 200_000, maxBytes: 16_384 };
  assert.deepEqual(lookOf("unit", ["systemctl", "show"], bounds), { ...look, ...bounds });
});

test("a look is found by its id, the first of them; one that was never asked is a mistake of ours", () => {
  const first = makeResult("unit", "Id=shop.service\n");
  const run = { results: [makeResult("sudo", ""), first, makeResult("unit", "Id=other.service\n")] };
  assert.equal(resultOf(run, "unit"), first);
  assert.throws(
    () => resultOf(run, "history"),
    (error) => error instanceof TypeError && error.message === "There is no look history.",
  );
});

test("only what ended with 0 has an output", () => {
  const run = makeRun({
    well: "Id=shop.service\n",
    badly: [1, "Id=shop.service\n"],
    late: [{ kind: "timed-out", timeoutMs: 10_000 }, "Id=shop.service\n"],
  });
  assert.deepEqual(
    ["well", "badly", "late"].map((id) => outputOf(run, id)),
    ["Id=shop.service\n", undefined, undefined],
  );
});

const SAID: readonly (readonly [answer: Answer, said: string])[] = [
  [[1, "one\ntwo\nAccess denied\n\n"], "Access denied"],
  [[4, " \n"], "it ended with 4"],
  [[1, `${"x".repeat(200)}y`], "x".repeat(200)],
  [[{ kind: "timed-out", timeoutMs: 10_000 }, "half a line"], "no end within 10 s"],
  [[{ kind: "missing", what: "sudo" }], "sudo is not there"],
  [[{ kind: "denied", need: "the group docker" }], "not allowed: the group docker"],
  [[{ kind: "no-answer", reason: "the deadline struck first" }], "the deadline struck first"],
];

for (const [answer, said] of SAID) {
  test(`a look that ended as ${JSON.stringify(answer).slice(0, 60)} says why in one phrase`, () => {
    assert.equal(sayOutcome(makeResult("unit", answer)), said);
  });
}

const BOOTS: readonly (readonly [fact: string, facts: string, bootId: string])[] = [
  ["this boot is the host's word for it", `uid=0\nboot_id=${BOOT_ID}\n`, BOOT_ID],
  ["a host that does not say its boot has none", "uid=0\n", ""],
  ["a name that only ends so is not the boot", `last_boot_id=${BOOT_ID}\n`, ""],
  ["what goes on behind it is not the boot", `boot_id=${BOOT_ID}0\n`, ""],
];

for (const [fact, facts, bootId] of BOOTS) {
  test(fact, () => {
    assert.equal(bootIdOf(makeRun({ "host.facts": facts })), bootId);
  });
}
