import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import { type DiagnoseEdges, runDiagnoseCommand } from "../../src/cli/diagnose-command.ts";
import type { DiagnoseOptions } from "../../src/cli/diagnose-options.ts";
import { runReplayCommand } from "../../src/cli/replay-command.ts";
import type { Evidence } from "../../src/collect/evidence.ts";
import { makeFakeOutput } from "../fakes/output.ts";
import { FIREWALL, HEALTHY, INCONCLUSIVE, NOT_FOUND, RECOVERED } from "../report/fixtures.ts";
import { EVIDENCE } from "../store/fixtures.ts";

const OPTIONS: DiagnoseOptions = {
  request: { target: "shop", proxies: [], upstreams: [], local: false },
  playbooks: [],
  json: false,
  verbose: false,
};

async function run(options: Partial<DiagnoseOptions>, edges: Partial<DiagnoseEdges> = {}) {
  const stdout = makeFakeOutput();
  const stderr = makeFakeOutput();
  const saved: [string, Evidence][] = [];
  const status = await runDiagnoseCommand(
    { ...OPTIONS, ...options },
    {
      loadRequest: async () => ({ request: EVIDENCE.request, notes: [] }),
      diagnose: async () => ({ evidence: EVIDENCE, diagnosis: FIREWALL }),
      requireFreeFolder: async () => {},
      saveIncident: async (folder, evidence) => void saved.push([folder, evidence]),
      warnings: [],
      stdout: stdout.output,
      stderr: stderr.output,
      signal: new AbortController().signal,
      ...edges,
    },
  );
  return { status, stdout: stdout.text(), stderr: stderr.text(), saved };
}

test("the report goes to stdout, and nothing else does", async () => {
  const { stdout, stderr } = await run({});
  assert.match(stdout, /^✗ shop: a firewall on origin-1/);
  assert.equal(stderr, "");
});

test("the outcome decides the exit status", async (t) => {
  const statuses: readonly (readonly [Diagnosis, number])[] = [
    [HEALTHY, 0],
    [RECOVERED, 0],
    [NOT_FOUND, 0],
    [FIREWALL, 1],
    [INCONCLUSIVE, 2],
  ];
  for (const [diagnosis, status] of statuses) {
    await t.test(`${diagnosis.outcome} is ${status}`, async () => {
      const live = await run({}, { diagnose: async () => ({ evidence: EVIDENCE, diagnosis }) });
      assert.equal(live.status, status);
      const stdout = makeFakeOutput();
      const replayed = await runReplayCommand(
        { folder: "x", json: false },
        { loadIncident: async () => EVIDENCE, diagnoseEvidence: () => diagnosis, stdout: stdout.output },
      );
      assert.equal(replayed, status);
      assert.equal(stdout.text(), live.stdout);
    });
  }
});

test("with --json stdout is one JSON document, whatever goes to stderr", async () => {
  const { stdout, stderr } = await run(
    { json: true, verbose: true, save: "dir" },
    {
      loadRequest: async () => ({ request: EVIDENCE.request, notes: ["Match is not understood"] }),
      warnings: ["the key file can be read by others"],
      diagnose: async (_request, { onProgress }) => {
        onProgress({ kind: "connecting", host: "edge-1" });
        return { evidence: EVIDENCE, diagnosis: FIREWALL };
      },
    },
  );
  assert.deepEqual(JSON.parse(stdout), FIREWALL);
  assert.equal(
    stderr,
    "note: Match is not understood\nedge-1: connecting\nwarning: the key file can be read by others\nSaved to dir. Look again with: diagnose502 replay dir\n",
  );
});

test("what was seen is saved", async () => {
  assert.deepEqual((await run({ save: "dir" })).saved, [["dir", EVIDENCE]]);
  assert.deepEqual((await run({})).saved, []);
});

test("a folder that cannot be saved to stops before any look", async () => {
  let looked = false;
  await assert.rejects(
    run(
      { save: "full" },
      {
        requireFreeFolder: async () => Promise.reject(new Error("full")),
        diagnose: async () => {
          looked = true;
          return { evidence: EVIDENCE, diagnosis: FIREWALL };
        },
      },
    ),
    /full/,
  );
  assert.equal(looked, false);
});

test("the answer is printed even when it could not be saved, and the failure is said", async () => {
  const stdout = makeFakeOutput();
  const full = new Error("the disk is full");
  await assert.rejects(
    run({ save: "dir" }, { stdout: stdout.output, saveIncident: async () => Promise.reject(full) }),
    full,
  );
  assert.match(stdout.text(), /^✗ shop: a firewall on origin-1/);
});

test("an interrupted diagnosis prints no answer", async () => {
  const stop = new AbortController();
  const stdout = makeFakeOutput();
  await assert.rejects(
    run(
      { save: "dir" },
      {
        stdout: stdout.output,
        signal: stop.signal,
        diagnose: async () => {
          stop.abort();
          return { evidence: EVIDENCE, diagnosis: FIREWALL };
        },
        saveIncident: async () => assert.fail("saved"),
      },
    ),
    { name: "AbortError" },
  );
  assert.equal(stdout.text(), "");
});
