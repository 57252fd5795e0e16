import assert from "node:assert/strict";
import { test } from "node:test";
import type { CauseId } from "../../src/classify/cause.ts";
import type { Diagnosis, RestartHelps } from "../../src/classify/diagnosis.ts";
import { judge, makeTotals } from "./judge.ts";
import type { Truth } from "./lab-case.ts";

const DEAD: Truth = { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] };
const FIREWALL: Truth = { status: [504], causes: ["firewall-drop"], restartHelps: ["no"] };
const FINE: Truth = { status: [200], causes: [], outcomes: ["healthy"], restartHelps: ["no"] };
/** One member of two is dead, and no client sees it. */
const HIDDEN: Truth = { ...DEAD, status: [200], outcomes: ["healthy", "fault"] };

function diagnosis(
  outcome: Diagnosis["outcome"],
  cause?: CauseId,
  restart: { readonly helps?: RestartHelps; readonly recommended?: boolean } = {},
): Diagnosis {
  return {
    schema: "diagnose502/1",
    site: "shop.test",
    url: "http://shop.test/",
    startedAt: "2026-11-20T03:12:09.120Z",
    durationMs: 1,
    client: { status: 502, mintedBy: "proxy" },
    outcome,
    cause: cause
      ? {
          id: cause,
          confidence: 0.9,
          hop: "proxy->upstream",
          summary: "",
          restartHelps: restart.helps ?? "yes",
          restartWhy: "",
          evidence: [],
        }
      : null,
    candidates: [],
    findings: [],
    onset: {},
    remediation: restart.recommended
      ? { kind: "restart-upstream", host: "app-1", unit: "shop.service", recommended: true, why: "" }
      : null,
    advice: [],
    notChecked: [],
    hops: [],
  };
}

test("a diagnosis is graded by what was really broken", () => {
  const table = [
    [diagnosis("fault", "upstream-not-running"), DEAD, "right"],
    [diagnosis("fault", "firewall-drop"), DEAD, "wrong"],
    [diagnosis("inconclusive"), DEAD, "inconclusive"],
    [diagnosis("healthy"), DEAD, "healthy-on-fault"],
    [diagnosis("recovered"), DEAD, "wrong"],
    [diagnosis("healthy"), FINE, "right"],
    [diagnosis("fault", "firewall-drop"), FINE, "wrong"],
    [diagnosis("inconclusive"), FINE, "inconclusive"],
    [diagnosis("healthy"), HIDDEN, "right"],
    [diagnosis("recovered", "upstream-not-running"), HIDDEN, "wrong"],
    [diagnosis("fault", "upstream-not-running"), HIDDEN, "right"],
  ] as const;
  for (const [said, truth, grade] of table) assert.equal(judge(said, truth).grade, grade);
});

test("recommending a restart that cannot help is counted apart from the cause", () => {
  const said = diagnosis("fault", "firewall-drop", { helps: "no", recommended: true });
  assert.equal(judge(said, FIREWALL).wrongRestart, true);
  assert.equal(
    judge(diagnosis("fault", "upstream-not-running", { recommended: true }), DEAD).wrongRestart,
    false,
  );
});

test("a right cause with a wrong word about the restart is remarked on", () => {
  const said = diagnosis("fault", "firewall-drop", { helps: "briefly" });
  assert.deepEqual(judge(said, FIREWALL).remarks, ["restart: briefly"]);
});

test("a lab run passes with 95 % right, and never with one harmful or untidy diagnosis", () => {
  const right = {
    judgement: judge(diagnosis("fault", "upstream-not-running"), DEAD),
    took: true,
    touched: [],
  };
  const unsure = { ...right, judgement: judge(diagnosis("inconclusive"), DEAD) };
  const harmful = {
    ...right,
    judgement: judge(diagnosis("fault", "firewall-drop", { helps: "no", recommended: true }), FIREWALL),
  };
  const many = Array.from({ length: 19 }, () => right);
  assert.equal(makeTotals([...many, unsure]).passed, true);
  assert.equal(makeTotals([...many, unsure, unsure]).passed, false);
  assert.equal(makeTotals([...many, harmful]).passed, false);
  assert.equal(makeTotals([...many, { ...right, touched: ["app-1: changed /etc/passwd"] }]).passed, false);
  assert.equal(makeTotals([...many, { ...right, took: false }]).passed, false);
});
