import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { cases, SPREAD } from "./cases.ts";
import { expectVerdict } from "./expect-verdict.ts";
import { makeTotals } from "./judge.ts";
import { installPackages, labUnavailableBecause, missingPackages } from "./packages.ts";
import { publishResults } from "./publish-results.ts";
import { renderHead, renderResult, renderTotals } from "./render-results.ts";
import { runCases } from "./run-cases.ts";

const USAGE = `npm run lab -- [names…] [options]     real hosts, real faults, judged diagnoses (root, Debian)

  names           cases whose name contains one of these; all when none is given
  --stack NAME    only cases of this stack
  --spread        a few cases that touch everything
  --dry           make the faults and show client and logs, no diagnosis
  --save DIR      record each incident in DIR/<case>, with expected.json where the verdict was right
  --publish       write the accuracy table into README.md
  --jobs N        stacks at a time (default 2)
  --json          one JSON document on standard output
  --list          names only
`;

const DEFAULT_JOBS = 2;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string" },
      spread: { type: "boolean", default: false },
      dry: { type: "boolean", default: false },
      save: { type: "string" },
      publish: { type: "boolean", default: false },
      jobs: { type: "string", default: String(DEFAULT_JOBS) },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const selected = cases.filter(
    ({ name, stack }) =>
      (positionals.length === 0 || positionals.some((part) => name.includes(part))) &&
      (!values.stack || stack === values.stack) &&
      (!values.spread || SPREAD.includes(name)),
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
  if (values.save) await mkdir(values.save, { recursive: true });

  const show = (text: string) => (values.json ? process.stderr : process.stdout).write(text);
  // The first Ctrl-C takes the hosts down in order; a second one ends at once, and the next run clears up.
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  show(renderHead());
  const results = await runCases(selected, {
    jobs: Number(values.jobs),
    dry: values.dry,
    signal: stop.signal,
    ...(values.save ? { saveDirectory: resolve(values.save) } : {}),
    onResult: (result) => show(renderResult(result)),
  });
  const totals = makeTotals(results);
  const { save } = values;
  if (save) await Promise.all(results.map((result) => expectVerdict(resolve(save), result)));
  if (values.publish) await publishResults(results, totals);
  show(renderTotals(totals, { dry: values.dry }));
  if (values.json) process.stdout.write(`${JSON.stringify({ totals, results }, null, 2)}\n`);
  const passed = values.dry ? results.every(({ took, trouble }) => took && !trouble) : totals.passed;
  return results.length === selected.length && results.length > 0 && passed ? 0 : 1;
}

process.exitCode = await main();
