import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { test } from "node:test";
import { createShell } from "../../src/ssh/create-shell.ts";
import { startSshd, withoutSshd } from "../ssh/real-sshd.ts";
import { SHELLS, sendWords, shellOf, withHostOf } from "./send-words.ts";

/** `node bench/attempts/main.ts quoting` sends a million to each. */
const WORDS = 5000;

for (const { name, path, skip } of SHELLS) {
  test(`every word of a command reaches its program unchanged, through a real sshd and ${name}`, {
    skip: withoutSshd || skip,
  }, async () => {
    await withHostOf(path, async (connection) => {
      assert.equal(await shellOf(connection), realpathSync(path));
      assert.deepEqual(await sendWords(connection, { count: WORDS, seed: 502 }), { sent: WORDS, wrong: [] });
    });
  });
}

test("a connection says which key its host showed", { skip: withoutSshd }, async (t) => {
  const sshd = await startSshd();
  const shell = createShell({
    env: () => undefined,
    loadSecret: () => Promise.reject(new Error("no passphrase")),
    warn: () => undefined,
  });
  t.after(async () => {
    await shell.close();
    await sshd.stop();
  });
  const opened = await shell.connect(sshd.access(), { timeoutMs: 30_000 });
  assert.ok(opened.ok, JSON.stringify(opened));
  const printed = execFileSync("ssh-keygen", ["-lf", `${sshd.directory}/host_key.pub`], { encoding: "utf8" });
  assert.equal(opened.connection.hostKey, printed.split(" ")[1]);
  const local = await shell.connect({ name: "here", how: { kind: "local" } }, { timeoutMs: 1000 });
  assert.ok(local.ok && local.connection.hostKey === "local");
});
