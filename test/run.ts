import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { installPackages, labUnavailableBecause, missingPackages } from "./lab/packages.ts";

const ROOT = join(import.meta.dirname, "..");

/** Real hosts want the machine to themselves. */
const LAB = "test/lab/lab.test.ts";
/** A test that hangs is to fail by its name: many times what the longest takes on a busy machine. */
const TEST_TIMEOUT_MS = 10 * 60_000;

/** `npm test [-- part-of-a-path …]`: all tests, the lab's last, then loudly what was not proven. */
async function main(parts: readonly string[]): Promise<number> {
  const files = globSync("test/**/*.test.ts", { cwd: ROOT })
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .toSorted();
  if (files.length === 0) {
    process.stderr.write(`No test file has ${parts.join(" or ")} in its path.\n`);
    return 64;
  }
  if (parts.length === 0) await prepareLab();
  const rest = await runFiles(files.filter((file) => file !== LAB));
  const lab = await runFiles(files.filter((file) => file === LAB));
  const skipped = [...rest.skipped, ...lab.skipped];
  if (skipped.length > 0) {
    process.stdout.write(`\nSKIPPED, so not proven here:\n${skipped.map((one) => `  ${one}\n`).join("")}`);
  }
  const failures = rest.failures + lab.failures;
  process.stdout.write(failures === 0 ? "\nAll tests passed.\n" : "\nTests FAILED; see above.\n");
  return failures === 0 ? 0 : 1;
}

/** Where real hosts can be booted, what they are made of is installed first: sshd and the servers of other tests come with it. */
async function prepareLab(): Promise<void> {
  if ((await labUnavailableBecause()) !== undefined) return;
  const missing = await missingPackages();
  if (missing.length === 0) return;
  process.stdout.write(`Installing what the lab's hosts are made of: ${missing.join(" ")}\n`);
  try {
    await installPackages(missing);
  } catch (error) {
    // no network, say: the lab's own test says loudly what is skipped for it
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

async function runFiles(
  files: readonly string[],
): Promise<{ readonly failures: number; readonly skipped: readonly string[] }> {
  const skipped: string[] = [];
  let failures = 0;
  if (files.length === 0) return { failures, skipped };
  const hung = new AbortController();
  const tests = run({
    files: files.map((file) => join(ROOT, file)),
    // A test file is a process, and some wait more than they work; many more of them would only wait for each other.
    concurrency: availableParallelism() + 1,
    timeout: TEST_TIMEOUT_MS,
    signal: hung.signal,
  });
  tests.on("test:fail", ({ details: { error } }) => {
    failures++;
    // what it holds would keep its process for ever
    if ("failureType" in error && error.failureType === "testTimeoutFailure") hung.abort();
  });
  tests.on("test:pass", ({ name, file, skip }) => {
    if (skip === undefined || skip === false) return;
    const place = file === undefined ? "" : ` (${relative(ROOT, file)})`;
    skipped.push(`${name}${place}: ${skip === true ? "no reason given" : skip}`);
  });
  for await (const line of tests.compose(spec)) process.stdout.write(line);
  return { failures, skipped };
}

process.exitCode = await main(process.argv.slice(2));
