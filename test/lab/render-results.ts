import type { Totals } from "./judge.ts";
import type { CaseResult } from "./run-case.ts";

const NAME_WIDTH = 62;
const MARKS = {
  right: "ok   ",
  inconclusive: "?    ",
  wrong: "WRONG",
  "healthy-on-fault": "BLIND",
  "no-answer": "NONE ",
} as const;

export function renderHead(): string {
  return `      ${"case".padEnd(NAME_WIDTH)} client   ms     diagnosis\n`;
}

/** One row, and below it everything that is not as it should be. */
export function renderResult(result: CaseResult): string {
  const { judgement, diagnosis } = result;
  const mark = judgement ? MARKS[judgement.grade] : "dry  ";
  const statuses = [...new Set(result.answers.map(({ status }) => status ?? "none"))].join(",");
  const restart = diagnosis?.remediation?.recommended ? " → restart" : "";
  const below = [
    ...(result.took ? [] : [`the fault did not take: ${JSON.stringify(result.answers)}`]),
    ...(result.trouble ? [result.trouble] : []),
    ...(judgement?.wrongRestart ? ["RECOMMENDED A RESTART THAT CANNOT HELP"] : []),
    ...(judgement?.remarks ?? []),
    ...result.touched,
    ...result.logs.split("\n").filter(Boolean),
  ];
  const ms = Math.round(judgement ? result.diagnoseMs : result.totalMs);
  const row = `${mark} ${result.name.padEnd(NAME_WIDTH)} ${statuses.padEnd(8)} ${String(ms).padEnd(6)} ${judgement?.said ?? ""}${restart}`;
  return `${[row, ...below.map((line) => `        ${line}`)].join("\n")}\n`;
}

export function renderTotals(totals: Totals, options: { readonly dry: boolean }): string {
  const took = `${totals.cases - totals.didNotTake} of ${totals.cases} faults took`;
  if (options.dry) return `\n${took}\n`;
  const share = totals.cases === 0 ? 0 : (100 * totals.right) / totals.cases;
  return `
right ${totals.right} of ${totals.cases} (${share.toFixed(1)} %), inconclusive ${totals.inconclusive}, wrong ${totals.wrong}, no answer ${totals.noAnswer}
wrong restart advice ${totals.wrongRestarts}, faults called healthy ${totals.healthyOnFault}, hosts not left as found ${totals.touched}; ${took}
${totals.passed ? "PASSED" : "FAILED"}
`;
}
