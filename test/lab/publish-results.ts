import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Totals } from "./judge.ts";
import type { CaseResult } from "./run-case.ts";

const README = join(import.meta.dirname, "../../README.md");
const START = "<!-- lab -->";
const END = "<!-- /lab -->";

/** Writes the accuracy table into the README, between its marks: nobody types these numbers. */
export async function publishResults(results: readonly CaseResult[], totals: Totals): Promise<void> {
  const text = await readFile(README, "utf8");
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start < 0 || end < start)
    throw new Error(`README.md has no ${START} … ${END} to write the table between.`);
  const table = renderAccuracy(results, totals);
  await writeFile(README, `${text.slice(0, start + START.length)}\n${table}${text.slice(end)}`);
}

/** One row a cause (the first part of a case's name), then the totals in a sentence. */
function renderAccuracy(results: readonly CaseResult[], totals: Totals): string {
  const causes = Map.groupBy(results, ({ name }) => name.split("--")[0] ?? name);
  const rows = [...causes]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([cause, cases]) => {
      const right = cases.filter(({ judgement }) => judgement?.grade === "right").length;
      const stacks = new Set(cases.map(({ name }) => name.split("--")[1])).size;
      return `| \`${cause}\` | ${stacks} | ${cases.length} | ${right} |`;
    });
  const { cases, right, wrongRestarts, healthyOnFault, inconclusive } = totals;
  const share = ((right / cases) * 100).toFixed(1);
  const times = results.map(({ diagnoseMs }) => diagnoseMs).toSorted((a, b) => a - b);
  const median = ((times[Math.floor(times.length / 2)] ?? 0) / 1000).toFixed(1);
  return `| what was wrong | stacks | cases | right |
|---|---|---|---|
${rows.join("\n")}

${right} of ${cases} right (${share} %), ${inconclusive} inconclusive, ${wrongRestarts} restarts recommended that cannot help, ${healthyOnFault} faults called healthy;
median ${median} s from the command to the verdict, with two cases at a time on two cores.
`;
}
