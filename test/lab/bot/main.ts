import { join } from "node:path";
import { parseArgs } from "node:util";
import { createBaseLayer } from "../base-layer.ts";
import { mustRun } from "../command.ts";
import { createNetwork } from "../network.ts";
import { installPackages, labUnavailableBecause, missingPackages } from "../packages.ts";
import { type BotCase, botCases } from "./bot-cases.ts";
import { renderBotHead, renderBotResult, renderBotTotals } from "./render-bot-results.ts";
import { type BotResult, runBotCase } from "./run-bot-case.ts";

const USAGE = `npm run lab:bot -- [names…] [options]     real hosts, real faults, a chat platform's double, approved restarts (root, Debian)

  names           cases whose name contains one of these; all when none is given
  --jobs N        stacks at a time (default 2)
  --rounds N      commands that are compared with the command line, once a stack (default 5)
  --list          names only
`;

const PROJECT = join(import.meta.dirname, "../../..");
/** What a package holds: compiled, so that no start has to strip types. */
const PROGRAM = join(PROJECT, "dist/main.js");
const BUILD_LIMIT_MS = 120_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: "string", default: "2" },
      rounds: { type: "string", default: "5" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const selected = botCases.filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  if (values.list) {
    process.stdout.write(selected.map(({ name }) => `${name}\n`).join(""));
    return 0;
  }
  const obstacle = await labUnavailableBecause();
  if (obstacle) {
    process.stderr.write(`The lab did not run: ${obstacle}. ${selected.length} cases were skipped.\n`);
    return 1;
  }
  await installPackages(await missingPackages());
  await mustRun(["npm", "--prefix", PROJECT, "run", "build"], { timeoutMs: BUILD_LIMIT_MS });
  process.stdout.write(renderBotHead());
  const results = await runBotCases(selected, { jobs: Number(values.jobs), rounds: Number(values.rounds) });
  process.stdout.write(renderBotTotals(results));
  const isRight = results.every(({ wrong }) => wrong.length === 0);
  return results.length === selected.length && results.length > 0 && isRight ? 0 : 1;
}

/** Runs cases, `jobs` at a time, each worker in a network of its own. */
async function runBotCases(
  selected: readonly BotCase[],
  { jobs, rounds }: { readonly jobs: number; readonly rounds: number },
): Promise<readonly BotResult[]> {
  // the first Ctrl-C lets the cases that run come to their end
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const base = await createBaseLayer();
  const queue = [...selected];
  const results: BotResult[] = [];
  const measured = new Set<string>();

  async function work(_worker: unknown, number: number): Promise<void> {
    const network = await createNetwork(`${base.id}-${number}`);
    try {
      for (let next = queue.shift(); next && !stop.signal.aborted; next = queue.shift()) {
        const { stack } = next.labCase;
        const isMeasured = next.expected.button && next.openedBy === "command" && !measured.has(stack);
        if (isMeasured) measured.add(stack);
        const result = await runBotCase(next, {
          base,
          network,
          program: PROGRAM,
          rounds: isMeasured ? rounds : 0,
        });
        results.push(result);
        process.stdout.write(renderBotResult(result));
      }
    } finally {
      await network.close();
    }
  }

  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    await base.close();
  }
  return results;
}

process.exitCode = await main();
