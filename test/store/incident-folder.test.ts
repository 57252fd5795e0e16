import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Evidence } from "../../src/collect/evidence.ts";
import type { ProbeOutcome, ProbeResult } from "../../src/playbook/probe-result.ts";
import { IncidentFolderError } from "../../src/store/incident-folder-error.ts";
import { loadIncident } from "../../src/store/load-incident.ts";
import { requireFreeFolder, saveIncident, withoutKeyPaths } from "../../src/store/save-incident.ts";
import { EVIDENCE } from "./fixtures.ts";

const PLAIN_OBJECTS = { noNullPrototype: true };

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "diagnose502-store-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("what is saved is what is loaded, but for the places of keys", async (t) => {
  const folder = join(await makeFolder(t), "shop");
  await saveIncident(folder, EVIDENCE);
  const loaded = await loadIncident(folder);
  assert.deepEqual(loaded, withoutKeyPaths(EVIDENCE));
});

test("no place of a key, agent or passphrase is written", async (t) => {
  const folder = join(await makeFolder(t), "shop");
  await saveIncident(folder, EVIDENCE);
  const text = await readFile(join(folder, "incident.json"), "utf8");
  for (const secret of ["/home/me", "id_ed25519", "agent.sock", "KEY_PASSPHRASE", "known_hosts"]) {
    assert.ok(JSON.stringify(EVIDENCE).includes(secret));
    assert.ok(!text.includes(secret), secret);
  }
});

test("each output is a text file named for its host, round and look", async (t) => {
  const folder = join(await makeFolder(t), "shop");
  await saveIncident(folder, EVIDENCE);
  assert.deepEqual((await readdir(folder, { recursive: true })).toSorted(), [
    "hosts",
    "hosts/edge-1",
    "hosts/edge-1/1-nginx.config.txt",
    "hosts/edge-1/2-nginx.error-log#2.txt",
    "incident.json",
  ]);
});

test("only the owner may read a saved incident", async (t) => {
  const folder = join(await makeFolder(t), "shop");
  await saveIncident(folder, EVIDENCE);
  for (const name of ["", ...(await readdir(folder, { recursive: true }))]) {
    const about = await stat(join(folder, name));
    assert.equal(about.mode & 0o777, about.isDirectory() ? 0o700 : 0o600, name);
  }
});

test("where nobody can make a folder, saving ends with that, and does not hang", async () => {
  await assert.rejects(saveIncident("/proc/diagnose502/shop", EVIDENCE), IncidentFolderError);
});

test("any evidence survives, whatever hosts and looks are called and print", async (t) => {
  const root = await makeFolder(t);
  const text = fc.string({ unit: "grapheme" });
  const name = fc.oneof(
    text,
    fc.constantFrom("..", ".", "a/b", "../../etc", "A", "a", "x".repeat(400), "\\", "con"),
  );
  const outcome: fc.Arbitrary<ProbeOutcome> = fc.oneof(
    fc.record({ kind: fc.constant("exited" as const), exitCode: fc.nat(255) }, PLAIN_OBJECTS),
    fc.record({ kind: fc.constant("timed-out" as const), timeoutMs: fc.nat() }, PLAIN_OBJECTS),
    fc.record({ kind: fc.constant("missing" as const), what: text }, PLAIN_OBJECTS),
    fc.record({ kind: fc.constant("denied" as const), need: text }, PLAIN_OBJECTS),
    fc.record({ kind: fc.constant("no-answer" as const), reason: text }, PLAIN_OBJECTS),
  );
  const result: fc.Arbitrary<ProbeResult> = fc.record(
    {
      probe: name,
      id: name,
      host: name,
      round: fc.constantFrom(1 as const, 2 as const),
      // no parameter is called so, and what reads JSON leaves it out
      params: fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        text,
        PLAIN_OBJECTS,
      ),
      outcome,
      output: fc.oneof(text, fc.constant("line\r\n\ttab\n\n")),
      truncated: fc.boolean(),
    },
    PLAIN_OBJECTS,
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(result, { maxLength: 8 }), async (results) => {
      const evidence: Evidence = { ...EVIDENCE, results };
      const folder = join(root, String(run++));
      await saveIncident(folder, evidence);
      assert.deepEqual((await loadIncident(folder)).results, results);
      assert.deepEqual(
        await readdir(root),
        (await readdir(root)).filter((entry) => /^\d+$/.test(entry)),
      );
    }),
    { numRuns: 60 },
  );
});

test("a folder with something in it is refused before and during saving, and stays as it was", async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, "notes.txt"), "mine");
  await assert.rejects(requireFreeFolder(folder), IncidentFolderError);
  await assert.rejects(saveIncident(folder, EVIDENCE), /is not empty/);
  assert.deepEqual(await readdir(folder), ["notes.txt"]);
});

test("an empty or missing folder is free, a file is not", async (t) => {
  const folder = await makeFolder(t);
  await requireFreeFolder(folder);
  await requireFreeFolder(join(folder, "new", "deeper"));
  await writeFile(join(folder, "file"), "");
  await assert.rejects(requireFreeFolder(join(folder, "file")), /ENOTDIR/);
});

test("a folder that cannot be made is refused before anything is looked at, with the reason in words", async () => {
  // for root too: nobody makes folders in /proc
  await assert.rejects(requireFreeFolder("/proc/sys/incident"), (error) => {
    assert.ok(error instanceof IncidentFolderError);
    assert.match(error.message, /cannot be made: .* may not be written to/);
    return true;
  });
});

test("a damaged recording is refused with the reason", async (t) => {
  const damages: readonly (readonly [string, (incident: Record<string, unknown>) => unknown, RegExp])[] = [
    [
      "another schema",
      (incident) => ({ ...incident, schema: "diagnose502-incident/9" }),
      /diagnose502-incident\/1/,
    ],
    ["an unknown key", (incident) => ({ ...incident, extra: 1 }), /extra/],
    ["a missing part", ({ visits: _visits, ...incident }) => incident, /visits/],
    ["a file outside", (incident) => withFile(incident, "hosts/../../etc/passwd.txt"), /results\[0\]\.file/],
    ["an absolute file", (incident) => withFile(incident, "/etc/passwd"), /results\[0\]\.file/],
    ["a file that is not there", (incident) => withFile(incident, "hosts/edge-1/9-gone.txt"), /ENOENT/],
  ];
  for (const [name, damage, message] of damages) {
    await t.test(name, async (t) => {
      const folder = join(await makeFolder(t), "shop");
      await saveIncident(folder, EVIDENCE);
      const path = join(folder, "incident.json");
      const incident: Record<string, unknown> = JSON.parse(await readFile(path, "utf8"));
      await writeFile(path, JSON.stringify(damage(incident)));
      await assert.rejects(loadIncident(folder), (error) => {
        assert.ok(error instanceof IncidentFolderError);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

test("a link out of the folder is not followed", async (t) => {
  const root = await makeFolder(t);
  const folder = join(root, "shop");
  await writeFile(join(root, "private.txt"), "secret");
  await saveIncident(folder, EVIDENCE);
  const output = join(folder, "hosts/edge-1/1-nginx.config.txt");
  await rm(output);
  await symlink(join(root, "private.txt"), output);
  await assert.rejects(loadIncident(folder), /leads out of the folder/);
});

test("what is not a recording at all is said so", async (t) => {
  const folder = await makeFolder(t);
  await assert.rejects(loadIncident(folder), /incident\.json cannot be read \(ENOENT\)/);
  await writeFile(join(folder, "incident.json"), "{");
  await assert.rejects(loadIncident(folder), /incident\.json is not JSON/);
});

function withFile(incident: Record<string, unknown>, file: string): unknown {
  assert.ok(Array.isArray(incident.results));
  const [first, ...rest] = incident.results;
  return { ...incident, results: [{ ...first, file }, ...rest] };
}
