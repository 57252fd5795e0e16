import { renderTable, renderVerdict } from "../../../bench/render-table.ts";
import { median } from "../../../bench/statistics.ts";
import type { BotResult } from "./run-bot-case.ts";

const NAME_WIDTH = 66;

export function renderBotHead(): string {
  return `      ${"case".padEnd(NAME_WIDTH)} ${cells("surface", "verdict", "button", "restarted", "proven", "verdict ms", "proven ms")}\n`;
}

/** One row, and below it everything that is not as it must be. */
export function renderBotResult(result: BotResult): string {
  const { name, surface, openedBy, verdict, button, restarts, proven, toVerdictMs, toProvenMs, wrong } =
    result;
  const mark = wrong.length === 0 ? "ok   " : "WRONG";
  const row = cells(
    openedBy === "alert" ? `${surface}, alert` : surface,
    verdict,
    button ? "yes" : "none",
    restarts === 0 ? "no" : `${restarts} ×`,
    toProvenMs === undefined ? "" : proven ? "yes" : "NO",
    toVerdictMs.toFixed(0),
    toProvenMs?.toFixed(0) ?? "",
  );
  const below = wrong.flatMap((text) => text.split("\n")).map((line) => `        ${line}`);
  return `${[`${mark} ${name.padEnd(NAME_WIDTH)} ${row}`, ...below].join("\n")}\n`;
}

function cells(
  ...[surface = "", verdict = "", button = "", restarted = "", proven = "", ...ms]: string[]
): string {
  const words = [
    surface.padEnd(15),
    verdict.padEnd(28),
    button.padEnd(7),
    restarted.padEnd(10),
    proven.padEnd(7),
  ];
  return [...words, ...ms.map((text) => text.padStart(10))].join("").trimEnd();
}

export function renderBotTotals(results: readonly BotResult[]): string {
  const restarted = results.filter(({ button }) => button);
  const proven = restarted.filter((result) => result.proven);
  const right = results.filter(({ wrong }) => wrong.length === 0);
  const ms = (values: readonly (number | undefined)[]) =>
    median(values.filter((value) => value !== undefined && !Number.isNaN(value)).map(Number)).toFixed(0);
  return `
${right.length} of ${results.length} as they must be: ${restarted.length} with a button, ${proven.length} of them proven, ${results.length - restarted.length} without one
median ms: command to verdict ${ms(results.map(({ openedBy, toVerdictMs }) => (openedBy === "command" ? toVerdictMs : undefined)))}, press to proven ${ms(restarted.map(({ toProvenMs }) => toProvenMs))}
${renderRatios(results)}${right.length === results.length ? "PASSED" : "FAILED"}
`;
}

/** Command to verdict in the channel, beside the command line's own time. */
function ratiosOf(
  results: readonly BotResult[],
): readonly { readonly stack: string; readonly bot: number; readonly cli: number; readonly ratio: number }[] {
  return results.flatMap(({ stack, times }) => {
    if (times === undefined) return [];
    const [bot, cli] = [median(times.bot), median(times.cli)];
    return [{ stack, bot, cli, ratio: bot / cli }];
  });
}

function renderRatios(results: readonly BotResult[]): string {
  const ratios = ratiosOf(results);
  if (ratios.length === 0) return "";
  const all = ratios.map(({ ratio }) => ratio);
  const table = renderTable([
    ["command to verdict, median ms", "channel", "command line", "ratio"],
    ...ratios.map(({ stack, bot, cli, ratio }) => [stack, bot.toFixed(0), cli.toFixed(0), ratio.toFixed(2)]),
  ]);
  const middle = renderVerdict("of all stacks, in the middle", median(all), { atMost: 1.3 });
  return `\n${table}${middle}${renderVerdict("the slowest stack", Math.max(...all), { atMost: 1.3 })}\n`;
}
