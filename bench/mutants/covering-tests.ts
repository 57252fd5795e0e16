import { chmodSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { runTestFile } from "./run-test-file.ts";

export const ROOT = resolve(import.meta.dirname, "../..");
/** Real hosts and long random runs are no judges of single lines. */
const LEFT_OUT = ["test/lab/", "test/chaos/"];
const MOST_MS = 60_000;

/** A file of tests, how long it takes, and which parts of which modules it runs. */
export interface TestFile {
  readonly file: string;
  readonly ms: number;
  readonly runs: (module: string, at: number) => boolean;
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly {
        readonly startOffset: number;
        readonly endOffset: number;
        readonly count: number;
      }[];
    }[];
  }[];
}

/** For each module, the files of tests that import it, at most `steps` imports away, the nearest first. */
export function findImporters(
  modules: readonly string[],
  { steps }: { readonly steps: number },
): ReadonlyMap<string, readonly string[]> {
  const files = globSync(["src/**/*.ts", "test/**/*.ts"], { cwd: ROOT });
  const importers = new Map<string, string[]>();
  for (const file of files) {
    for (const [, path = ""] of readFileSync(join(ROOT, file), "utf8").matchAll(
      /^(?:import|\} from|export) ?[^;]*?"(\.[^"]+)";/gm,
    )) {
      const imported = relative(ROOT, resolve(ROOT, dirname(file), path));
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  }
  return new Map(modules.map((module) => [module, nearestTests(module, importers, steps)]));
}

function nearestTests(
  module: string,
  importers: ReadonlyMap<string, readonly string[]>,
  steps: number,
): readonly string[] {
  const seen = new Set([module]);
  let edge = [module];
  for (let step = 0; step < steps; step++) {
    edge = edge.flatMap((file) => importers.get(file) ?? []).filter((file) => !seen.has(file));
    for (const file of edge) seen.add(file);
  }
  return [...seen].filter(
    (file) => file.endsWith(".test.ts") && !LEFT_OUT.some((folder) => file.startsWith(folder)),
  );
}

/** Runs a file of tests once as it is; undefined when it fails or takes too long to be run for every mutant. */
export async function measureTestFile(file: string): Promise<TestFile | undefined> {
  const directory = mkdtempSync(join(tmpdir(), "mutants-"));
  chmodSync(directory, 0o777);
  try {
    const startedAt = performance.now();
    const outcome = await runTestFile(join(ROOT, file), {
      timeoutMs: MOST_MS,
      environment: { NODE_V8_COVERAGE: directory },
    });
    const ms = performance.now() - startedAt;
    if (outcome !== "passed") return undefined;
    const scripts = readdirSync(directory).flatMap((name) => readCoverage(join(directory, name)).result);
    return {
      file,
      ms,
      runs: (module, at) => {
        const url = pathToFileURL(join(ROOT, module)).href;
        return scripts.some((script) => script.url === url && isRun(script, at));
      },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Nothing of a process that was ended while it wrote it down. */
function readCoverage(path: string): Coverage {
  try {
    const coverage: Coverage = JSON.parse(readFileSync(path, "utf8"));
    return { result: coverage.result.filter(({ url }) => url.startsWith("file:")) };
  } catch {
    return { result: [] };
  }
}

/** The narrowest range around it says how often it ran. */
function isRun({ functions }: Coverage["result"][number], at: number): boolean {
  const around = functions
    .flatMap(({ ranges }) => ranges)
    .filter(({ startOffset, endOffset }) => startOffset <= at && at < endOffset)
    .toSorted((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
  return (around[0]?.count ?? 0) > 0;
}
