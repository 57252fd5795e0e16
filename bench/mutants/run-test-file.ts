import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const LOADER = fileURLToPath(new URL("./mutant-loader.ts", import.meta.url));

/** Ends what a test has started, the test included; a group of its own each. */
const running = new Set<() => void>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
process.once("exit", () => running.forEach((end) => void end()));

/** A broken quoter, or a wrapper that lets everything through, runs what tests hold against it: never as root, and in a directory of its own. */
const NOBODY = 65_534;

export type TestOutcome = "passed" | "failed" | "timed-out";

/** Runs one file of tests in a process of its own, until its first failure. `environment`: added to ours. */
export async function runTestFile(
  file: string,
  {
    timeoutMs,
    environment,
  }: { readonly timeoutMs: number; readonly environment: Readonly<Record<string, string>> },
): Promise<TestOutcome> {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const directory = mkdtempSync(join(tmpdir(), "mutant-"));
  // sticky, as a temporary directory of everybody is: else files in it are not trusted
  chmodSync(directory, 0o1777);
  const child = spawn(process.execPath, ["--import", LOADER, "--test-reporter=tap", file], {
    env: { ...inherited, TMPDIR: directory, ...environment },
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
    cwd: directory,
    ...(process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const end = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  };
  running.add(end);
  return await new Promise((resolve) => {
    let outcome: TestOutcome | undefined;
    const timer = setTimeout(() => {
      outcome ??= "timed-out";
      end();
    }, timeoutMs);
    let line = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (line + chunk).split("\n");
      line = lines.pop() ?? "";
      if (!lines.some((one) => one.trimStart().startsWith("not ok "))) return;
      outcome ??= "failed";
      end();
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      end();
      running.delete(end);
      rmSync(directory, { recursive: true, force: true });
      resolve(outcome ?? (code === 0 ? "passed" : "failed"));
    });
  });
}
