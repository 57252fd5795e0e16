import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const LOADER = fileURLToPath(new URL("./mutant-loader.ts", import.meta.url));

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
  const child = spawn(process.execPath, ["--import", LOADER, "--test-reporter=tap", file], {
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "ignore"],
    // a group of its own, so that what the test has started ends with it
    detached: true,
  });
  const end = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  };
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
      resolve(outcome ?? (code === 0 ? "passed" : "failed"));
    });
  });
}
