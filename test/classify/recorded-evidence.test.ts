import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import type { Evidence } from "../../src/collect/evidence.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import type { ProbeResult } from "../../src/playbook/probe-result.ts";
import { loadIncident } from "../../src/store/load-incident.ts";
import { diagnoseEvidence } from "../../src/workflow/diagnose-evidence.ts";
import { listRecordedIncidents } from "../replay-server/recorded-incidents.ts";

const playbooks = await loadPlaybooks([
  { path: join(import.meta.dirname, "../../playbooks"), origin: "shipped" },
]);
const incidents = listRecordedIncidents();
const diagnose = (evidence: Evidence) => diagnoseEvidence(evidence, { playbooks, durationMs: 0 }).diagnosis;

/** One way in which what hosts say may be less, more or other than it was. */
const mutation: fc.Arbitrary<(result: ProbeResult) => ProbeResult> = fc.oneof(
  fc.constant((result: ProbeResult) => ({ ...result, output: "" })),
  fc
    .nat(4000)
    .map((length) => (result: ProbeResult) => ({ ...result, output: result.output.slice(0, length) })),
  fc
    .string({ maxLength: 200 })
    .map((text) => (result: ProbeResult) => ({ ...result, output: text + result.output })),
  fc
    .string({ maxLength: 200 })
    .map((text) => (result: ProbeResult) => ({ ...result, output: `${result.output}\n${text}` })),
  fc
    .constantFrom<ProbeResult["outcome"]>(
      { kind: "timed-out", timeoutMs: 5000 },
      { kind: "missing", what: "it" },
      { kind: "denied", need: "a right" },
      { kind: "no-answer", reason: "gone" },
    )
    .map((outcome) => (result: ProbeResult) => ({ ...result, outcome, output: "" })),
);

test("whatever hosts say, a diagnosis comes out, refers to what it found, and recommends no restart that cannot help", async () => {
  const recorded = await Promise.all(incidents.slice(0, 12).map(({ folder }) => loadIncident(folder)));
  fc.assert(
    fc.property(
      fc.nat(recorded.length - 1),
      fc.array(fc.tuple(fc.nat(80), mutation), { minLength: 1, maxLength: 12 }),
      (which, mutations) => {
        const evidence = recorded[which];
        assert.ok(evidence);
        const results = [...evidence.results];
        for (const [at, mutate] of mutations) {
          const index = at % results.length;
          const result = results[index];
          if (result !== undefined) results[index] = mutate(result);
        }
        assertSound(diagnose({ ...evidence, results }));
      },
    ),
    { numRuns: 60 },
  );
});

test("with nothing but the public answer, every incident is inconclusive or says which hop cannot be seen", async () => {
  for (const { folder, expected } of incidents) {
    const evidence = await loadIncident(folder);
    const visits = evidence.visits.map((visit) => ({ ...visit, status: "unreachable" as const }));
    const diagnosis = diagnose({ ...evidence, visits, results: [] });
    assertSound(diagnosis);
    assert.equal(diagnosis.remediation, null, folder);
    if (expected.outcome === "fault" && diagnosis.client.status !== 200) {
      assert.notEqual(diagnosis.outcome, "healthy", folder);
    }
  }
});

function assertSound(diagnosis: Diagnosis): void {
  const { candidates, cause, findings, outcome, remediation } = diagnosis;
  const known = new Set(findings.map(({ id }) => id));
  for (const id of [
    ...candidates.flatMap((one) => [...one.for, ...one.against]),
    ...(cause?.evidence ?? []),
  ]) {
    assert.ok(known.has(id), id);
  }
  for (const { confidence } of candidates) assert.ok(confidence >= 0 && confidence <= 1);
  if (outcome === "healthy" || outcome === "inconclusive") assert.equal(cause, null);
  if (remediation?.recommended) {
    assert.equal(outcome, "fault");
    assert.notEqual(cause?.restartHelps, "no");
  }
}
