import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Evidence } from "../../src/collect/evidence.ts";
import { groupTwins } from "../../src/collect/group-twins.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Look } from "../../src/plan/plan.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import type { ProbeOutcome, ProbeResult } from "../../src/playbook/probe-result.ts";
import { EVIDENCE } from "../store/fixtures.ts";
import { diagnoseOverSsh } from "./diagnose-over-ssh.ts";

const playbooks = await loadPlaybooks([
  { path: join(import.meta.dirname, "../../playbooks"), origin: "shipped" },
]);

/** A host where every look of round 1 said something of its own, each in another way; twins said the same. */
function makeRecording(): Evidence {
  const request = { ...EVIDENCE.request, url: "http://shop.example.com/", pinnedAddresses: [] };
  const [plan] = makePlan({ playbooks, request, round: 1 }).plans;
  assert.ok(plan);
  const outcomes: readonly ProbeOutcome[] = [
    { kind: "exited", exitCode: 0 },
    { kind: "exited", exitCode: 3 },
    { kind: "no-answer", reason: "the script ended without this look's frame" },
  ];
  const facts: ProbeResult = {
    probe: "host.facts",
    id: "host.facts",
    host: "edge-1",
    round: 1,
    params: {},
    outcome: { kind: "exited", exitCode: 0 },
    output: "epoch=1795144329.500000000\noffset=+0100\nuid=1000\nuser=diag\n",
    truncated: false,
  };
  const groups = groupTwins(plan.looks);
  const results = plan.looks.map((look): ProbeResult => {
    const n = groups.findIndex((twins) => twins.includes(look));
    const outcome = outcomes[n % outcomes.length] ?? { kind: "exited", exitCode: 0 };
    const output = outcome.kind === "no-answer" ? "" : outputOf(look);
    return {
      probe: look.probe,
      id: look.id,
      host: "edge-1",
      round: 1,
      params: {},
      outcome,
      output,
      truncated: false,
    };
  });
  const [, origin] = EVIDENCE.visits;
  assert.ok(origin?.failure);
  const sample = {
    via: "public" as const,
    at: EVIDENCE.startedAt,
    phasesMs: { total: 12 },
    address: "203.0.113.9:80",
    headers: { server: "nginx/1.22.1" },
  };
  return {
    ...EVIDENCE,
    request,
    visits: [{ host: "edge-1", status: "looked", utcOffsetMinutes: 60 }, origin],
    results: [facts, ...results],
    samples: [
      { ...sample, status: 502, bodyStart: "<html>502 Bad Gateway</html>" },
      { ...sample, status: 200, bodyStart: "hello" },
      { ...sample, status: 502, bodyStart: "<html>502 Bad Gateway</html>" },
      {
        ...sample,
        status: null,
        error: { phase: "connect", code: "ECONNREFUSED", message: "203.0.113.9:80 refused" },
        headers: {},
        bodyStart: "",
      },
    ],
  };
}

test("a diagnosis over SSH of recorded hosts sees what was recorded", async () => {
  const recording = makeRecording();
  const { evidence } = await diagnoseOverSsh(recording, { playbooks });
  assert.deepEqual(
    evidence.results.filter(({ host, round }) => host === "edge-1" && round === 1),
    recording.results,
  );
  assert.deepEqual(evidence.samples, recording.samples);
  const [edge, origin] = evidence.visits;
  assert.equal(edge?.status, "looked");
  assert.equal(edge?.utcOffsetMinutes, 60);
  assert.deepEqual(origin?.failure, recording.visits[1]?.failure);
});

/** A look at files that keeps some lines only prints nothing but those. */
function outputOf({ id, action }: Look): string {
  const kept = action.kind === "files" ? (action.only ?? []) : [];
  return kept.length === 0 ? `${id} says ünïcode\n\n` : `# file /etc/ünïcode\n${kept[0]}\n`;
}
