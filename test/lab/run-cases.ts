import { join } from "node:path";
import { createBaseLayer } from "./base-layer.ts";
import type { LabCase } from "./lab-case.ts";
import { createNetwork } from "./network.ts";
import { type CaseResult, runCase } from "./run-case.ts";

/** Runs cases, `jobs` at a time, each worker in a network of its own. Results come in the order they end. */
export async function runCases(
  selected: readonly LabCase[],
  options: {
    readonly jobs: number;
    readonly dry: boolean;
    readonly saveDirectory?: string;
    /** Lets the cases that run come to their end, and starts no more. */
    readonly signal?: AbortSignal;
    readonly onResult: (result: CaseResult) => void;
  },
): Promise<readonly CaseResult[]> {
  const base = await createBaseLayer();
  const queue = [...selected];
  const results: CaseResult[] = [];

  async function work(_worker: unknown, number: number): Promise<void> {
    const network = await createNetwork(`${base.id}-${number}`);
    try {
      for (let labCase = queue.shift(); labCase && !options.signal?.aborted; labCase = queue.shift()) {
        const save = options.saveDirectory && join(options.saveDirectory, labCase.name);
        const result = await runCase(labCase, { base, network, dry: options.dry, save });
        results.push(result);
        options.onResult(result);
      }
    } finally {
      await network.close();
    }
  }

  try {
    await Promise.all(Array.from({ length: options.jobs }, work));
  } finally {
    await base.close();
  }
  return results;
}
