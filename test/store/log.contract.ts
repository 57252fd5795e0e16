import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { hashRow, verifyChain } from "../../src/incident/audit-chain.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { allOf, type RecordsBench } from "./records-bench.ts";
import { makeEntry, makePerson } from "./sample-records.ts";

const run = promisify(execFile);
const WRITER = fileURLToPath(import.meta.resolve("./write-notes.ts"));

/** The audit log, other processes, and what outlives them. */
export function testLog(bench: RecordsBench): void {
  test("the log hangs together whatever was said in it", async () => {
    const texts = ["plain", "nul \u0000 nul", "half \ud83d pair", "\u2028 \u202e", "é", ""];
    for (const text of texts) {
      await bench.records.audit.append(
        makeEntry({
          text,
          actor: { kind: "person", person: makePerson(text) },
          details: { [text]: [text, 1e21, -0] },
        }),
      );
    }
    const check = await readAuditLog(bench.place, ({ rows, head }) => verifyChain(rows, { head }));
    assert.equal(check.status, "ok");
    const rows = await allOf(bench.records.audit.rows());
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      rows.map((_, index) => index + 1),
    );
    for (const row of rows) assert.equal(row.hash, hashRow(row.previousHash, row));
    assert.deepEqual(
      (await allOf(bench.records.audit.rows({ after: 2, limit: 3 }))).map(({ seq }) => seq),
      [3, 4, 5],
    );
  });

  test("two processes that write at once lose nothing", async () => {
    const { number } = await bench.openIncident();
    const order = JSON.stringify({ place: bench.place, incident: number, notes: 200 });
    await Promise.all([1, 2].map(() => run(process.execPath, [WRITER, order])));
    const notes = await bench.records.incidents.notes(number);
    assert.deepEqual(
      notes.map(({ seq }) => seq),
      Array.from({ length: 400 }, (_, index) => index + 1),
    );
    assert.equal((await bench.kinds(number)).length, 401);
    const check = await readAuditLog(bench.place, ({ rows, head }) => verifyChain(rows, { head }));
    assert.equal(check.status, "ok");
  });

  test("a process that is killed while it writes loses nothing it was told is stored, and leaves no half of it", async () => {
    const { number } = await bench.openIncident();
    let acknowledged = 0;
    for (let kill = 0; kill < 3; kill += 1) {
      const order = JSON.stringify({ place: bench.place, incident: number, notes: 1_000_000 });
      const child = spawn(process.execPath, [WRITER, order], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(child, "close");
      let dots = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        dots += chunk.length;
        if (dots > 40 + 7 * kill) child.kill("SIGKILL");
      });
      await ended;
      acknowledged += dots;
    }
    const notes = await bench.records.incidents.notes(number);
    assert.ok(notes.length >= acknowledged && notes.length <= acknowledged + 3);
    assert.equal((await bench.records.incidents.find(number))?.version, notes.length + 1);
    assert.equal((await bench.kinds(number)).length, notes.length + 1);
    const check = await readAuditLog(bench.place, ({ rows, head }) => verifyChain(rows, { head }));
    assert.equal(check.status, "ok");
  });

  test("everything is still there after closing and opening again", async () => {
    const intent = await bench.offer();
    await bench.reopen();
    assert.deepEqual(await bench.records.intents.find(intent.key), intent);
  });
}
