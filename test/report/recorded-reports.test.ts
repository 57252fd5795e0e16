import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { makeReport } from "../../src/report/make-report.ts";
import { loadIncident } from "../../src/store/load-incident.ts";
import { diagnoseEvidence } from "../../src/workflow/diagnose-evidence.ts";

const ROOT = join(import.meta.dirname, "../..");
const INCIDENTS = join(ROOT, "test/incidents");

/** A sentence begins with a capital, or with the name of a thing: `shop.service`, `10.0.0.1:80`, `/run/x.sock`. */
function isSentence(text: string): boolean {
  const [first = ""] = text.split(" ");
  return /^[A-Z]/.test(first) || /[./:@-]/.test(first) || /^\d/.test(first);
}

const playbooks = await loadPlaybooks([{ path: join(ROOT, "playbooks"), origin: "shipped" }]);

for (const name of readdirSync(INCIDENTS)) {
  test(`the report on ${name} is made of whole sentences, says nothing twice, and says what to do`, async () => {
    const evidence = await loadIncident(join(INCIDENTS, name));
    const { diagnosis } = diagnoseEvidence(evidence, { playbooks, durationMs: 0 });
    const report = makeReport(diagnosis);
    const sentences = [
      ...[...report.proof, ...report.furtherProof].map(({ says }) => says),
      ...report.others.flatMap((other) => [...other.for, ...other.against]),
      ...report.advice,
      report.restart.why,
    ];
    for (const sentence of sentences) {
      assert.ok(isSentence(sentence), sentence);
      assert.match(sentence, /[.!?]$/, sentence);
    }
    assert.equal(new Set(report.proof.map(({ says, host }) => `${host} ${says}`)).size, report.proof.length);
    assert.match(report.headline, /^shop\.test( is|: [A-Z]|: \S*[.:/-]| has)/);
    if (report.outcome === "fault") assert.ok(report.advice.length > 0, "no next step");
  });
}

test("a dependency that is down is named in the picture of the hops", async () => {
  const evidence = await loadIncident(join(INCIDENTS, "backend-dependency-down--nginx-fpm-mariadb--stopped"));
  const { hops } = makeReport(diagnoseEvidence(evidence, { playbooks, durationMs: 0 }).diagnosis);
  assert.deepEqual(hops.at(-1), { name: "mariadb.service", host: "10.77.0.10", state: "broken" });
});
