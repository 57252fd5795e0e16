import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { runPlan } from "../../src/collect/run-plan.ts";
import type { Shell, ShellConnection } from "../../src/collect/shell.ts";
import { lookOf } from "../../src/remediate/manager.ts";
import { createShell } from "../../src/ssh/create-shell.ts";
import { type RealSshd, startSshd, withoutSshd } from "../ssh/real-sshd.ts";

let sshd: RealSshd;
let shell: Shell;
let connection: ShellConnection;

before(async () => {
  if (withoutSshd) return;
  sshd = await startSshd();
  shell = createShell({
    env: () => undefined,
    loadSecret: () => Promise.reject(new Error("no passphrase")),
    warn: () => undefined,
  });
  const opened = await shell.connect(sshd.access(), { timeoutMs: 10_000 });
  assert.ok(opened.ok, JSON.stringify(opened));
  connection = opened.connection;
});

after(async () => {
  await shell?.close();
  await sshd?.stop();
});

test("every word of a command reaches its program unchanged, through a real sshd", {
  skip: withoutSshd,
}, async () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 30 }),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          "\\",
          "$",
          "`",
          ";",
          "&",
          "|",
          "*",
          "?",
          "~",
          "!",
          "(",
          "<",
          " ",
          "\t",
          "#",
          "{key}",
          "-n",
          "$(id)",
        ),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join("")),
  );
  const word = hostile.filter((text) => !/[\0\n]/.test(text) && text.isWellFormed());
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(word, { maxLength: 8 }), { minLength: 5, maxLength: 20 }),
      async (lists) => {
        // hexadecimal, because what comes back is cleaned as any host's text
        const looks = lists.map((words, n) =>
          lookOf(`${n}`, [
            "sh",
            "-c",
            `for w; do printf %s "$w" | od -An -v -tx1 | tr -d ' \\n'; echo; done`,
            "echo",
            ...words,
          ]),
        );
        const run = await runPlan(
          connection,
          { host: "real", round: 1, looks },
          {
            now: Date.now,
            random: randomBytes,
            onProgress: () => undefined,
          },
        );
        lists.forEach((words, n) => {
          const { output } = run.results[n + 1] ?? assert.fail("a look without a result");
          const back = output
            .split("\n")
            .slice(0, -1)
            .map((hex) => Buffer.from(hex, "hex").toString());
          assert.deepEqual(back, words);
        });
      },
    ),
    { numRuns: 8 },
  );
});

test("a connection says which key its host showed", { skip: withoutSshd }, async () => {
  const { execFileSync } = await import("node:child_process");
  const printed = execFileSync("ssh-keygen", ["-lf", `${sshd.directory}/host_key.pub`], { encoding: "utf8" });
  assert.equal(connection.hostKey, printed.split(" ")[1]);
  const local = await shell.connect({ name: "here", how: { kind: "local" } }, { timeoutMs: 1000 });
  assert.ok(local.ok && local.connection.hostKey === "local");
});
