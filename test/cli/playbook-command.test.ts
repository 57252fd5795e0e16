import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runPlaybookCommand } from "../../src/cli/playbook-command.ts";
import { UsageError } from "../../src/intake/usage-error.ts";
import { makeFakeOutput } from "../fakes/output.ts";

const playbookDir = join(import.meta.dirname, "../../playbooks");

async function run(...args: string[]) {
  const stdout = makeFakeOutput();
  const stderr = makeFakeOutput();
  const status = await runPlaybookCommand(args, {
    stdout: stdout.output,
    stderr: stderr.output,
    playbookDir,
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

function makeFile(t: TestContext, name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "playbook-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, name);
  writeFileSync(file, text, { mode: 0o644 });
  return file;
}

test("check proves all playbooks of the product", async () => {
  const { status, stdout, stderr } = await run("check");
  assert.equal(stderr, "");
  assert.match(stdout, /^(\d+) of \1 playbooks are correct\.\n$/);
  assert.equal(status, 0);
});

test("check says what is wrong in each file, and ends with 78", async (t) => {
  const good = makeFile(t, "good.yaml", "title: t\nrole: upstream\n");
  const bad = makeFile(t, "bad.yaml", "titel: t\nrole: upstream\n");
  const { status, stdout, stderr } = await run("check", good, bad, "/nonexistent.yaml");
  assert.match(stderr, /bad\.yaml:1:1: .*unknown key "titel" \(did you mean "title"\?\)/);
  assert.match(stderr, /\/nonexistent\.yaml cannot be read: ENOENT/);
  assert.equal(stdout, "1 of 3 playbooks are correct.\n");
  assert.equal(status, 78);
});

test("check holds a file of one's own to the rules for playbooks from outside", async (t) => {
  const file = makeFile(
    t,
    "app.yaml",
    "title: t\nrole: upstream\nprobes: { a: { title: t, run: [bash, -c, id] } }\n",
  );
  const { stderr } = await run("check", file);
  assert.match(stderr, /"bash" may not be run by a playbook from outside/);
});

test("list is the table of supported systems, by what they are in the chain", async () => {
  const { stdout } = await run("list");
  assert.match(
    stdout,
    /^Proxies\n[\s\S]*^ {2}nginx +nginx +\d+ looks, \d+ messages$[\s\S]*^Applications\n[\s\S]*^ {2}php-fpm /m,
  );
});

test("show tells the looks, messages and changes of one playbook", async () => {
  const { stdout } = await run("show", "php-fpm");
  assert.match(stdout, /^php-fpm: PHP-FPM \(upstream\)\n/);
  assert.match(stdout, /reads the end of: \{path\}/);
  assert.match(stdout, /PF01 +worker-pool-exhausted +\[pool /);
  assert.match(stdout, /restart PHP-FPM: systemctl restart -- \{unit\}/);
});

test("test shows which lines of a log are recognised, in their order", async (t) => {
  const log = makeFile(
    t,
    "error.log",
    [
      "2026/11/20 03:12:09 [error] 7#7: *1 upstream sent too big header while reading response header from upstream, client: 192.0.2.7",
      '2026/11/20 03:12:10 [error] 7#7: *2 open() "/x" failed (2: No such file or directory), client: 192.0.2.7',
      "2026/11/20 03:12:11 [error] 7#7: *3 connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.7",
      "",
    ].join("\n"),
  );
  const { status, stdout } = await run("test", join(playbookDir, "nginx.yaml"), log);
  assert.match(
    stdout,
    /^NG23 +response-header-too-large +2026\/11\/20 03:12:09 .*\nNG01 +connect-refused +2026\/11\/20 03:12:11 .*\n2 of 3 lines recognised\.\n$/,
  );
  assert.equal(status, 0);
});

test("test ends with 2 when no line is recognised, and lets no line move the cursor", async (t) => {
  const playbook = makeFile(
    t,
    "app.yaml",
    "title: t\nrole: upstream\nsignatures: [{ id: AB01, message: died, signal: worker-crashed, source: s }]\n",
  );
  const seen = await run("test", playbook, makeFile(t, "a.log", "died \u001b[2J\n"));
  assert.ok(!seen.stdout.includes("\u001b"));
  assert.equal(seen.status, 0);
  assert.equal((await run("test", playbook, makeFile(t, "b.log", "lives\n"))).status, 2);
});

const WRONG: readonly [args: readonly string[], hint: RegExp][] = [
  [[], /Commands: check, list, show ID, test FILE LOG/],
  [["chek"], /Did you mean: check\?/],
  [["show"], /playbook show ID/],
  [["show", "ngnix"], /Did you mean nginx\?/],
  [["list", "all"], /playbook list/],
  [["test", "x.yaml"], /playbook test FILE LOG/],
];

for (const [args, hint] of WRONG) {
  test(`playbook ${args.join(" ")} is wrong usage, with the way out`, async () => {
    await assert.rejects(run(...args), (error) => error instanceof UsageError && hint.test(error.hint));
  });
}
