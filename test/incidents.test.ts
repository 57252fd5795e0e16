import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Diagnosis } from "../src/classify/diagnosis.ts";
import { loadPlaybooks } from "../src/playbook/load-playbooks.ts";
import { makeReport } from "../src/report/make-report.ts";
import { renderText } from "../src/report/render-text.ts";
import { loadIncident } from "../src/store/load-incident.ts";
import { diagnoseEvidence } from "../src/workflow/diagnose-evidence.ts";
import { diagnoseOverSsh } from "./replay-server/diagnose-over-ssh.ts";
import { listRecordedIncidents } from "./replay-server/recorded-incidents.ts";

const playbooks = await loadPlaybooks([
  { path: join(import.meta.dirname, "../playbooks"), origin: "shipped" },
]);
const incidents = listRecordedIncidents();
/** Enough to prove that the whole way works; the verdicts themselves are proven without it. */
const OVER_SSH = 3;

test("recorded incidents are diagnosed as what they were", { skip: whyNone() }, async (t) => {
  for (const { name, folder, expected } of incidents) {
    await t.test(name, async () => {
      const evidence = await loadIncident(folder);
      const { diagnosis } = diagnoseEvidence(evidence, { playbooks, durationMs: 0 });
      assert.deepEqual(verdictOf(diagnosis), expected);
      const text = renderText(makeReport(diagnosis), { width: 80, unicode: true, colours: false });
      assert.ok(text.includes(diagnosis.site));
    });
  }
});

test("over real SSH and HTTP the same hosts lead to the same verdict", { skip: whyNone() }, async (t) => {
  // spread over the list, so that different stacks are among them
  const step = Math.max(1, Math.floor(incidents.length / OVER_SSH));
  for (const { name, folder, expected } of incidents.filter((_, n) => n % step === 0).slice(0, OVER_SSH)) {
    await t.test(name, async () => {
      const { diagnosis } = await diagnoseOverSsh(await loadIncident(folder), { playbooks });
      assert.deepEqual(verdictOf(diagnosis), expected);
    });
  }
});

test("a verdict is the same however often it is asked for", { skip: whyNone() }, async () => {
  const [first] = incidents;
  assert.ok(first);
  const evidence = await loadIncident(first.folder);
  const options = { playbooks, durationMs: 0 };
  assert.deepEqual(diagnoseEvidence(evidence, options), diagnoseEvidence(evidence, options));
});

function verdictOf({ outcome, cause }: Diagnosis) {
  return {
    outcome,
    cause: cause?.id ?? null,
    hop: cause?.hop ?? null,
    restartHelps: cause?.restartHelps ?? null,
  };
}

function whyNone(): string | false {
  return incidents.length === 0 && "test/incidents/ holds no recorded incident with expected.json";
}
