import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quoteText } from "../../src/collect/quote-word.ts";

/** One start of a script of ours with words, variables and input that somebody chose. */
export interface Attempt {
  readonly words: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** A file in the directory; nothing when not given. */
  readonly input?: string;
}

export interface Attempted {
  readonly exitCode: number;
  readonly stdout: string;
}

/** What came of many attempts: each way through, said for a person. */
export interface Attacked {
  readonly tried: number;
  readonly through: readonly string[];
}

/** Makes all attempts, one after the other, in one directory; of one shell, because starting a process for each takes longer. */
export async function makeAttempts(
  program: readonly string[],
  attempts: readonly Attempt[],
  { directory }: { readonly directory: string },
): Promise<readonly Attempted[]> {
  const command = program.map(quoteText).join(" ");
  const lines = attempts.map(({ words, variables, input = "/dev/null" }) => {
    const set = Object.entries(variables).map(([name, value]) => `${name}=${quoteText(value)} `);
    const given = words.map((word) => ` ${quoteText(word)}`);
    return `${set.join("")}${command}${given.join("")} <${quoteText(input)} 2>/dev/null; printf '\\n@%s@\\n' $?\n`;
  });
  const file = join(directory, "attempts");
  writeFileSync(file, lines.join(""));
  writeTraps(join(directory, "evil"));
  const child = spawn("/bin/sh", [file], { cwd: directory, env: {}, stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.setEncoding("latin1").on("data", (chunk) => {
    output += chunk;
  });
  await new Promise((resolve) => child.once("close", resolve));
  const ends = [...output.matchAll(/\n@(\d+)@\n/g)];
  if (ends.length !== attempts.length) throw new Error(`${ends.length} of ${attempts.length} attempts ended`);
  return ends.map((end, n) => {
    const before = ends[n - 1];
    const from = before === undefined ? 0 : before.index + before[0].length;
    return { exitCode: Number(end[1]), stdout: output.slice(from, end.index) };
  });
}

/** Programs under the names that our scripts start, for whoever can turn their PATH or ENV. */
function writeTraps(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of [
    "systemctl",
    "docker",
    "pm2",
    "supervisorctl",
    "logger",
    "date",
    "flock",
    "nice",
    "env",
  ]) {
    const file = join(directory, name);
    writeFileSync(file, "#!/bin/sh\n: >pwned\n");
    chmodSync(file, 0o755);
  }
}

/** Whether anything that was smuggled in ran there. */
export function isPwned(directory: string): boolean {
  return existsSync(join(directory, "pwned"));
}
