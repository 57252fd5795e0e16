import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { labUnavailableBecause } from "./lab/packages.ts";

const ROOT = join(import.meta.dirname, "..");

/** `npm test [-- part-of-a-path …]`: every test but the lab, then loudly what was not proven. */
async function main(parts: readonly string[]): Promise<number> {
  const files = globSync("test/**/*.test.ts", { cwd: ROOT })
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .toSorted();
  if (files.length === 0) {
    process.stderr.write(`No test file has ${parts.join(" or ")} in its path.\n`);
    return 64;
  }
  const skipped: string[] = [];
  let failures = 0;
  const tests = run({
    files: files.map((file) => join(ROOT, file)),
    // A test file is a process; more of them than processors only wait for each other.
    concurrency: availableParallelism(),
  });
  tests.on("test:fail", () => failures++);
  tests.on("test:pass", ({ name, file, skip }) => {
    if (skip === undefined || skip === false) return;
    const place = file === undefined ? "" : ` (${relative(ROOT, file)})`;
    skipped.push(`${name}${place}: ${skip === true ? "no reason given" : skip}`);
  });
  for await (const line of tests.compose(spec)) process.stdout.write(line);
  process.stdout.write(await renderSkipped(skipped));
  return failures === 0 ? 0 : 1;
}

async function renderSkipped(skipped: readonly string[]): Promise<string> {
  const obstacle = await labUnavailableBecause();
  const lab = obstacle
    ? `NOT RUN: the lab (real hosts, real faults): ${obstacle}.`
    : "NOT RUN: the lab (real hosts, real faults). It can run here: npm run lab";
  const tests =
    skipped.length === 0 ? "" : `SKIPPED ${skipped.length}:\n${skipped.map((one) => `  ${one}\n`).join("")}`;
  return `\n${tests}${lab}\n`;
}

process.exitCode = await main(process.argv.slice(2));
