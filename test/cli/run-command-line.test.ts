import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMAND_NAMES, COMMANDS } from "../../src/cli/command-table.ts";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { UsageError } from "../../src/intake/usage-error.ts";
import { makeFakeOutput } from "../fakes/output.ts";

async function run(...args: string[]) {
  const stdout = makeFakeOutput();
  const stderr = makeFakeOutput();
  const calls: (readonly string[])[] = [];
  const command = (name: string, status: number) => async (words: readonly string[]) => {
    calls.push([name, ...words]);
    return status;
  };
  const status = await runCommandLine(args, {
    commands: {
      diagnose: command("diagnose", 1),
      replay: command("replay", 2),
      playbook: command("playbook", 0),
      start: command("start", 0),
      manifest: command("manifest", 0),
      harden: command("harden", 0),
      audit: command("audit", 0),
    },
    stdout: stdout.output,
    stderr: stderr.output,
    version: async () => "1.2.3",
  });
  return { status, calls, stdout: stdout.text(), stderr: stderr.text() };
}

test("a command gets the words after its name and decides the exit status", async () => {
  const { status, calls } = await run("diagnose", "shop", "--json");
  assert.deepEqual(calls, [["diagnose", "shop", "--json"]]);
  assert.equal(status, 1);
});

test("without a command the overview goes to stderr, and the status is wrong usage", async () => {
  const { status, stdout, stderr } = await run();
  assert.equal(status, 64);
  assert.equal(stdout, "");
  assert.match(stderr, /^Usage: diagnose502 <command>/m);
});

test("help is asked for in five ways and lists every command", async (t) => {
  for (const words of [["--help"], ["-h"], ["help"]]) {
    await t.test(words.join(" "), async () => {
      const { status, stdout, stderr } = await run(...words);
      assert.equal(status, 0);
      assert.equal(stderr, "");
      for (const name of COMMAND_NAMES) assert.match(stdout, new RegExp(`^  ${name} `, "m"));
    });
  }
  for (const words of [
    ["diagnose", "shop", "-h"],
    ["help", "diagnose"],
  ]) {
    await t.test(words.join(" "), async () => {
      const { status, stdout, calls } = await run(...words);
      assert.equal(status, 0);
      assert.deepEqual(calls, []);
      assert.match(stdout, /--proxy HOST +a host the proxy runs on/);
    });
  }
});

test("every option of every command is in its help, in 80 columns", async () => {
  for (const name of COMMAND_NAMES) {
    const { stdout } = await run(name, "--help");
    for (const option of Object.keys(COMMANDS[name].options))
      assert.ok(stdout.includes(`--${option}`), option);
    const [headline, ...lines] = stdout.split("\n");
    assert.ok(headline?.includes(COMMANDS[name].summary));
    for (const line of lines) assert.ok(line.length <= 80, line);
  }
});

test("the version is the package's", async () => {
  assert.deepEqual(await run("--version"), { status: 0, calls: [], stdout: "1.2.3\n", stderr: "" });
});

test("a command that does not exist is named, with the one that was meant", async (t) => {
  const wrong = [
    ["daignose", /no command "daignose"/, /Did you mean: diagnose502 diagnose\?/],
    ["replya", /no command "replya"/, /diagnose502 replay\?/],
    ["shop", /no command "shop"/, /diagnose502 diagnose shop/],
    ["constructor", /no command "constructor"/, /Commands: diagnose, start, replay, playbook/],
    ["--json", /no option --json before a command/, /--help/],
  ] as const;
  for (const [word, message, hint] of wrong) {
    await t.test(word, async () => {
      await assert.rejects(run(word), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        assert.match(error.hint, hint);
        return true;
      });
    });
  }
});
