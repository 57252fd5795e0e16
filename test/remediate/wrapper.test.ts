import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import type { Look } from "../../src/plan/plan.ts";
import { lookOf } from "../../src/remediate/manager.ts";
import { HELPER_PATH } from "../../src/remediate/restart-words.ts";
import { START_COMMAND } from "../../src/ssh/start-command.ts";
import { everyLook, scriptOf, VALUES, writeTestWrapper } from "./test-wrapper.ts";

const SHELLS = ["/bin/dash", "/bin/bash --posix", "/bin/busybox sh"].filter((path) =>
  existsSync(path.split(" ")[0] ?? ""),
);
const directory = mkdtempSync(join(tmpdir(), "d502-wrapper-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const wrapper = writeTestWrapper(directory);
const EVERY_LOOK = everyLook();

function run(script: string, { shell = "/bin/sh", command = START_COMMAND } = {}) {
  const { promise, resolve } = Promise.withResolvers<{
    readonly exitCode: number | null;
    readonly ran: string;
  }>();
  const [program = "", ...args] = shell.split(" ");
  const child = spawn(program, [...args, wrapper], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { SSH_ORIGINAL_COMMAND: command },
  });
  let ran = "";
  child.stdout.on("data", (chunk) => {
    ran += chunk;
  });
  child.stdin.on("error", () => undefined);
  child.on("close", (exitCode) => resolve({ exitCode, ran }));
  child.stdin.end(script);
  return promise;
}

for (const shell of SHELLS) {
  test(`${shell}: whatever a diagnosis or a restart sends is run, byte for byte`, async () => {
    for (let from = 0; from < EVERY_LOOK.length; from += 40) {
      const sent = scriptOf(EVERY_LOOK.slice(from, from + 40));
      assert.deepEqual(await run(sent, { shell }), { exitCode: 0, ran: sent });
    }
    assert.equal((await run(scriptOf([]), { shell })).exitCode, 0);
  });

  test(`${shell}: any other command than the bot's is denied`, async () => {
    for (const command of [
      "",
      "id",
      "sh -s",
      `${START_COMMAND}; id`,
      `${START_COMMAND}\nid`,
      "/usr/lib/openssh/sftp-server",
    ]) {
      assert.deepEqual(await run(scriptOf([]), { shell, command }), { exitCode: 126, ran: "" }, command);
    }
  });

  test(`${shell}: a script that ends early, or goes on, runs nothing of it`, async () => {
    const whole = scriptOf(EVERY_LOOK.slice(0, 3));
    for (const cut of [0, 10, 300, whole.length - 20]) {
      assert.deepEqual((await run(whole.slice(0, cut), { shell })).ran, "");
    }
    assert.deepEqual(await run(`${whole}id\n`, { shell }), { exitCode: 0, ran: whole });
  });
}

const HOSTILE: readonly (readonly [what: string, look: Look])[] = [
  ["another program", lookOf("x", ["id"])],
  ["root", { ...lookOf("x", ["id"]), as: "root" }],
  ["more words", lookOf("x", ["ss", "-Htlnp", "-K"])],
  ["other limits", lookOf("x", ["ss", "-Htlnp"], { timeoutMs: 3_600_000 })],
  ["another file", { ...lookOf("x", []), action: { kind: "files", globs: ["/etc/shadow"] } }],
  ["another verb of the helper", lookOf("x", ["sudo", "-n", HELPER_PATH, "edit", "shop.service"])],
  ["sudo of another program", lookOf("x", ["sudo", "-n", "id"])],
];

for (const [what, look] of HOSTILE) {
  test(`denied: ${what}`, async () => {
    assert.deepEqual(await run(scriptOf([look])), { exitCode: 126, ran: "" });
  });
}

test("a value cannot leave its quotes, its directory or its line", async () => {
  const log = EVERY_LOOK.find(({ action }) => action.kind === "log");
  assert.ok(log);
  const unit = EVERY_LOOK.find(({ probe }) => probe === "linux-host.service-journal");
  assert.ok(unit);
  const sent = scriptOf([log, unit]);
  const wrong: readonly (readonly [value: string, by: string])[] = [
    [VALUES.path ?? "", "/etc/shadow"],
    [VALUES.path ?? "", "/var/log/../../etc/shadow"],
    [VALUES.path ?? "", "/home/diag/.ssh/id_ed25519"],
    [VALUES.path ?? "", "/var/log/x' '/etc/shadow"],
    [VALUES.path ?? "", "/var/log/x'; id; '"],
    [VALUES.path ?? "", "/var/log/x'$(id)'"],
    [VALUES.path ?? "", "relative.log"],
    [VALUES.unit ?? "", "x' '--file' '/etc/shadow"],
    [VALUES.unit ?? "", "x' | id #"],
    [VALUES.unit ?? "", "x\nid"],
    ["' |", "' </etc/shadow |"],
    ["' |", "' | id |"],
  ];
  for (const [value, by] of wrong) {
    const changed = sent.replace(value, () => by);
    assert.notEqual(changed, sent);
    assert.deepEqual(await run(changed), { exitCode: 126, ran: "" }, by);
  }
});

test("with any line of the frame changed, doubled or gone, nothing runs", async () => {
  const sent = scriptOf(EVERY_LOOK.slice(0, 2));
  const lines = sent.trimEnd().split("\n");
  const facts = lines.lastIndexOf("facts |");
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: lines.length - 1 }),
      fc.constantFrom("change", "double", "drop", "before"),
      async (at, how) => {
        const line = lines[at] ?? "";
        // a look less or more is another script of the bot's
        if (at === facts + 1 || at === facts + 2) return;
        const put = { change: [`${line} `], double: [line, line], drop: [], before: ["id", line] }[how];
        const changed = `${lines.toSpliced(at, 1, ...put).join("\n")}\n`;
        // the last line may be said twice: what follows the script is not read
        if (at === lines.length - 1 && how === "double") return;
        assert.equal((await run(changed)).ran, "");
      },
    ),
    { numRuns: 150 },
  );
});

test("whatever else is sent as a look runs nothing", async () => {
  const [before = "", behind = ""] = scriptOf([]).split("facts |\n");
  const line = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 60 }),
    fc
      .array(
        fc.constantFrom(
          "run_self",
          "run_root",
          " 0 ",
          "10 65536 ",
          "'ss'",
          "'-Htlnp'",
          "'",
          ";",
          "id",
          "$(id)",
          " |",
          "INPUT=",
          "&& ",
          "eval ",
        ),
        { maxLength: 10 },
      )
      .map((parts) => parts.join("")),
  );
  await fc.assert(
    fc.asyncProperty(
      line.filter((one) => !/[\n\0]/.test(one) && one !== ":"),
      async (one) => {
        assert.equal((await run(`${before}facts |\n${one}\n${behind}`)).ran, "");
      },
    ),
    { numRuns: 150 },
  );
});
