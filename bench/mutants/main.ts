import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { renderTable } from "../render-table.ts";
import { findImporters, measureTestFile, ROOT, type TestFile } from "./covering-tests.ts";
import { type Mutant, makeMutants } from "./make-mutants.ts";
import { runTestFile } from "./run-test-file.ts";

const USAGE = `npm run mutants [-- path …] [options]     one thing changed in a module: does a test notice?

  path           modules, by glob (default: what guards production)
  --line LIST    only mutants of these lines, with commas
  --steps N      tests that are at most N imports away (default 3)
  --json         everything as one JSON document
`;
/** What stands between a click or a stranger's text and somebody's production. */
const GUARDS = [
  "src/approval/*.ts",
  "src/remediate/**/*.ts",
  "src/collect/redact.ts",
  "src/collect/redact/*.ts",
  "src/collect/quote-word.ts",
  "src/intake/alerts/{prove-sender,delivery-key}.ts",
  "src/chat/*/verify-signature.ts",
  "src/incident/audit-chain.ts",
  "src/workflow/{recheck,restart-allowed,take-decision}.ts",
];
const PARALLEL = 2;
/** A mutant that loops is dead; a busy machine is not one. */
const SLOWER = 5;
const LEAST_TIMEOUT_MS = 15_000;

type Fate = "killed" | "timed-out" | "survived" | "not-run";

interface Judged {
  readonly file: string;
  readonly mutant: Mutant;
  readonly fate: Fate;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    line: { type: "string" },
    steps: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) process.stdout.write(USAGE);
else await main();

async function main(): Promise<void> {
  const files = globSync(positionals.length > 0 ? positionals : GUARDS, { cwd: ROOT }).toSorted();
  const importers = findImporters(files, { steps: Number(values.steps) });
  const testFiles = await measureAll([...new Set([...importers.values()].flat())]);
  const lines = values.line?.split(",").map(Number);
  const jobs = files.flatMap((file) =>
    makeMutants(readFileSync(join(ROOT, file), "utf8"))
      .filter(({ line }) => lines === undefined || lines.includes(line))
      .map((mutant) => ({ file, mutant, tests: testsOf(file, mutant, importers, testFiles) })),
  );
  const directory = mkdtempSync(join(tmpdir(), "mutants-"));
  chmodSync(directory, 0o755);
  try {
    const judged = await inParallel(jobs, async ({ file, mutant, tests }, worker) => {
      const fate = await judge(file, mutant, { tests, codeFile: join(directory, `${worker}.js`) });
      if (fate === "survived" || fate === "not-run")
        process.stderr.write(`${sayMutant(file, mutant)}  ${fate}\n`);
      return { file, mutant, fate };
    });
    process.stdout.write(values.json ? renderJson(judged) : renderSummary(judged));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureAll(files: readonly string[]): Promise<ReadonlyMap<string, TestFile>> {
  const measured = await inParallel(files, async (file) => {
    const testFile = await measureTestFile(file);
    if (testFile === undefined) process.stderr.write(`${file} fails or is slow as it is: left out\n`);
    return testFile;
  });
  return new Map(measured.flatMap((one) => (one === undefined ? [] : [[one.file, one] as const])));
}

/** Only tests that run the changed place can notice; the module's own first, then the quick ones. */
function testsOf(
  file: string,
  { at }: Mutant,
  importers: ReadonlyMap<string, readonly string[]>,
  testFiles: ReadonlyMap<string, TestFile>,
): readonly TestFile[] {
  const own = file.replace("src/", "test/").replace(".ts", ".test.ts");
  return (importers.get(file) ?? [])
    .flatMap((name) => testFiles.get(name) ?? [])
    .filter(({ runs }) => runs(file, at))
    .toSorted((a, b) => Number(b.file === own) - Number(a.file === own) || a.ms - b.ms);
}

async function judge(
  file: string,
  { code }: Mutant,
  { tests, codeFile }: { readonly tests: readonly TestFile[]; readonly codeFile: string },
): Promise<Fate> {
  if (tests.length === 0) return "not-run";
  writeFileSync(codeFile, code);
  for (const { file: test, ms } of tests) {
    const outcome = await runTestFile(join(ROOT, test), {
      timeoutMs: Math.max(LEAST_TIMEOUT_MS, ms * SLOWER),
      environment: { MUTANT_URL: pathToFileURL(join(ROOT, file)).href, MUTANT_CODE_FILE: codeFile },
    });
    if (outcome === "failed") return "killed";
    if (outcome === "timed-out") return "timed-out";
  }
  return "survived";
}

async function inParallel<Job, Result>(
  jobs: readonly Job[],
  work: (job: Job, worker: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const queue = jobs.entries();
  const workers = Array.from({ length: PARALLEL }, async (_, worker) => {
    for (const [index, job] of queue) results[index] = await work(job, worker);
  });
  await Promise.all(workers);
  return results;
}

function sayMutant(file: string, { line, was, becomes }: Mutant): string {
  const short = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
  return `${file}:${line}  ${short(was)} → ${short(becomes)}`;
}

function renderSummary(judged: readonly Judged[]): string {
  const row = (name: string, of: readonly Judged[]) => {
    const count = (...fates: readonly Fate[]) => of.filter(({ fate }) => fates.includes(fate)).length;
    const dead = count("killed", "timed-out");
    const share = of.length === 0 ? "-" : `${((100 * dead) / of.length).toFixed(1)} %`;
    return [name, of.length, dead, count("timed-out"), count("survived"), count("not-run"), share].map(
      String,
    );
  };
  const files = [...new Set(judged.map(({ file }) => file))];
  return renderTable([
    ["", "mutants", "killed", "of them by time", "survived", "never run", "score"],
    ...files.map((name) =>
      row(
        name,
        judged.filter(({ file }) => file === name),
      ),
    ),
    row("all", judged),
  ]);
}

function renderJson(judged: readonly Judged[]): string {
  const rows = judged.map(({ file, mutant: { line, was, becomes }, fate }) => ({
    file,
    line,
    was,
    becomes,
    fate,
  }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}
