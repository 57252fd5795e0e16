import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { runPlan } from "../../src/collect/run-plan.ts";
import type { ShellConnection } from "../../src/collect/shell.ts";
import { lookOf, outputOf } from "../../src/remediate/manager.ts";
import { createShell } from "../../src/ssh/create-shell.ts";
import { startSshd } from "../ssh/real-sshd.ts";
import { hostileWord } from "./hostile-words.ts";

const WORDS_A_LOOK = 500;
const LOOKS_A_SCRIPT = 10;

/** Shells that a host's `sh` can be: where they are, and how a script is run by them as by `sh`. */
export const SHELLS: readonly {
  readonly name: string;
  readonly path: string;
  readonly script: string;
  readonly skip: string | false;
}[] = [
  { name: "dash", path: "/bin/dash", script: "/bin/dash" },
  { name: "bash", path: "/bin/bash", script: "/bin/bash --posix" },
  { name: "busybox", path: "/bin/busybox", script: "/bin/busybox sh" },
].map((shell) => ({
  ...shell,
  skip: existsSync(shell.path) ? false : `SKIPPED: no ${shell.path} on this machine`,
}));

/** Logs in to a real sshd on whose host `sh` is that shell. */
export async function withHostOf(
  shellPath: string,
  use: (connection: ShellConnection) => Promise<void>,
): Promise<void> {
  const bin = mkdtempSync(join(tmpdir(), "d502-sh-"));
  symlinkSync(shellPath, join(bin, "sh"));
  const sshd = await startSshd([`SetEnv PATH=${bin}:/usr/bin:/bin`]);
  const shell = createShell({
    env: () => undefined,
    loadSecret: () => Promise.reject(new Error("no passphrase")),
    warn: () => undefined,
  });
  try {
    const opened = await shell.connect(sshd.access(), { timeoutMs: 30_000 });
    if (!opened.ok) throw new Error(JSON.stringify(opened));
    await use(opened.connection);
  } finally {
    await shell.close();
    await sshd.stop();
    rmSync(bin, { recursive: true });
  }
}

/** The program that reads our scripts there. */
export async function shellOf(connection: ShellConnection): Promise<string | undefined> {
  const text = 'read -r pid name state parent rest </proc/$PPID/stat; readlink "/proc/$parent/exe"';
  const run = await runLooks(connection, [["sh", "-c", text]]);
  return outputOf(run, "0")?.trim();
}

/**
 * Sends that many hostile words through `connection` as arguments of a program, which tells the SHA-256 of what it got.
 * Gives the words of each command in which one came back changed. The same `seed` sends the same words.
 */
export async function sendWords(
  connection: ShellConnection,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<{ readonly sent: number; readonly wrong: readonly (readonly string[])[] }> {
  const wrong: (readonly string[])[] = [];
  let sent = 0;
  for (let script = 0; sent < count; script++) {
    const words = fc.sample(hostileWord, { numRuns: WORDS_A_LOOK * LOOKS_A_SCRIPT, seed: seed + script });
    const lists = Array.from({ length: LOOKS_A_SCRIPT }, (_, n) =>
      words.slice(n * WORDS_A_LOOK, (n + 1) * WORDS_A_LOOK),
    );
    const run = await runLooks(
      connection,
      lists.map((list) => ["sh", "-c", "printf '%s\\0' $# \"$@\" | sha256sum", "sh", ...list]),
    );
    lists.forEach((list, n) => {
      if (outputOf(run, `${n}`)?.trim() !== `${digestOf(list)}  -`) wrong.push(list);
    });
    sent += words.length;
  }
  return { sent, wrong };
}

function runLooks(connection: ShellConnection, commands: readonly (readonly string[])[]) {
  const looks = commands.map((argv, n) => lookOf(`${n}`, argv, { timeoutMs: 15_000 }));
  return runPlan(
    connection,
    { host: "real", round: 1, looks },
    { now: Date.now, random: randomBytes, onProgress: () => undefined },
  );
}

function digestOf(words: readonly string[]): string {
  const hash = createHash("sha256");
  for (const word of [words.length, ...words]) hash.update(`${word}\0`);
  return hash.digest("hex");
}
