import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { parseAuditOptions } from "../../src/cli/audit-options.ts";
import { UsageError } from "../../src/intake/usage-error.ts";
import { openRecords } from "../../src/store/open-records.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const HASH = "a".repeat(64);

async function makeLog(t: TestContext, texts: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-audit-"));
  const records = await openRecords(
    { kind: "sqlite", directory },
    { now: () => Date.parse("2026-11-20T12:00:00.000Z"), random: randomBytes, holdLock: true },
  );
  // it stays open: the bot runs
  t.after(async () => {
    await records.close();
    await rm(directory, { recursive: true });
  });
  for (const text of texts) await records.audit.append({ kind: "look-asked", actor: { kind: "bot" }, text });
  return directory;
}

async function audit(directory: string, ...words: readonly string[]) {
  return await new Promise<{ status: number | string | null; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, DIAGNOSE502_STATE: directory, DATABASE_URL: "" };
    const child = execFile(process.execPath, [MAIN, "audit", ...words], { env }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

test("verify counts the rows and gives the head, which proves the log later", async (t) => {
  const directory = await makeLog(t, ["one", "two"]);
  const { status, stdout } = await audit(directory, "verify");
  assert.equal(status, 0);
  assert.match(stdout, /^The audit log hangs together: 2 rows\.\nHead: 2:[0-9a-f]{64}\n/);
  const [, head = ""] = /Head: (\S+)/.exec(stdout) ?? [];
  assert.equal((await audit(directory, "verify", "--head", head)).status, 0);
  const other = await audit(directory, "verify", "--head", `1:${HASH}`);
  assert.equal(other.status, 1);
  assert.match(other.stdout, /^The audit log is broken at row 1 \(rewritten\)/);
});

test("verify names the first row that was changed and ends with 1", async (t) => {
  const directory = await makeLog(t, ["one", "two", "three"]);
  const database = new DatabaseSync(join(directory, "diagnose502.db"), { timeout: 5000 });
  database.exec("drop trigger audit_no_update; update audit set text = 'another' where seq = 2");
  database.close();
  const { status, stdout } = await audit(directory, "verify");
  assert.equal(status, 1);
  assert.match(stdout, /^The audit log is broken at row 2 \(edited\): /);
});

test("export prints a JSON document a row, harmless on a terminal", async (t) => {
  const directory = await makeLog(t, ["one", "two \u009b31m\u202e"]);
  const { status, stdout } = await audit(directory, "export");
  assert.equal(status, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).text),
    ["one", "two \u009b31m\u202e"],
  );
  assert.match(stdout, /^[\x20-\x7e\n]*$/);
});

test("without records it says where it looked, and ends with 78", async () => {
  const { status, stdout, stderr } = await audit("/nonexistent/state", "verify");
  assert.equal(status, 78);
  assert.equal(stdout, "");
  assert.match(stderr, /\/nonexistent\/state\/diagnose502\.db cannot be opened/);
});

const wrong: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /needs a command/],
  [["verfiy"], /no command "verfiy"/],
  [["verify", "now"], /no command "verify now"/],
  [["export", "--head", `1:${HASH}`], /--head is for audit verify/],
  [["verify", "--head", "1"], /--head is "1"/],
  [["verify", "--head", `x:${HASH}`], /--head is "x:/],
  [["verify", "--head", `1:${HASH}:2`], /--head is/],
];

for (const [words, message] of wrong) {
  test(`wrong usage is refused: audit ${words.join(" ").slice(0, 30)}`, () => {
    assert.throws(
      () => parseAuditOptions(words),
      (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
