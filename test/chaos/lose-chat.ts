import { OUTAGE_MANNERS, type OutageManner } from "../fakes/outage.ts";
import { breakLines } from "./break-lines.ts";
import { type ChatTrial, loseInManner, type OutageSize } from "./chat-trial.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";

/** What a gate has time for. */
const SHORT_MANNERS: readonly OutageManner[] = ["refused", "error"];

const SIZE: Readonly<Record<"full" | "short", OutageSize>> = {
  full: { oneMs: 120_000, allMs: 600_000, retryAfterS: 30, beatEveryMs: 41_250 },
  short: { oneMs: 500, allMs: 2000, retryAfterS: 1, beatEveryMs: 5000 },
};

/** Slack, Discord and the model are away, each manner in a world of its own, and in one more their standing lines end in every way there is. */
export async function loseChat({ short, say }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const size = SIZE[short ? "short" : "full"];
  const worlds = [
    ...(short ? SHORT_MANNERS : OUTAGE_MANNERS).map((manner) => () => loseInManner(manner, size)),
    () => breakLines({ short }),
  ];
  const trials = await Promise.all(worlds.map((live) => live()));
  for (const { name, caughtUpMs, restartMs } of trials) {
    say(`  ${name}: caught up in ${secondsOf(caughtUpMs)} s, restarts began in ${secondsOf(restartMs)} s\n`);
  }
  return [rowOf(trials, size)];
}

function rowOf(trials: readonly ChatTrial[], { allMs }: OutageSize): ChaosRow {
  const lost = trials.flatMap(({ verdict }) => verdict.lost);
  // neither platform can always tell that a message is the same one
  const unheard = trials.filter(({ name }) => name === "unanswered").flatMap(({ verdict }) => verdict.twice);
  const twice = trials.filter(({ name }) => name !== "unanswered").flatMap(({ verdict }) => verdict.twice);
  const outOfOrder = trials.flatMap(({ verdict }) => verdict.outOfOrder);
  const wrong = trials.flatMap((trial) => trial.findings);
  const compared = trials.reduce((sum, { verdict }) => sum + verdict.compared, 0);
  const redelivered = trials.reduce((sum, trial) => sum + trial.redelivered, 0);
  const restartMs = Math.max(...trials.flatMap((trial) => trial.restartMs));
  const caughtUpMs = Math.max(...trials.flatMap((trial) => trial.caughtUpMs));
  const findings = trials.flatMap(({ name, verdict, findings: own }) => [
    ...[...verdict.lost, ...verdict.outOfOrder].map((found) => `${name}: ${found}`),
    ...own,
  ]);
  return {
    name: "F10",
    did: `Slack, Discord and the model away ${allMs / 1000} s in ${trials.length} manners: ${compared} messages and notes, ${redelivered} events brought again`,
    result: `${lost.length} lost, ${twice.length} twice (${unheard.length} where answers were lost), ${outOfOrder.length} out of order, ${wrong.length} × trouble; restarts began within ${secondsOf([restartMs])} s, all was shown ${secondsOf([caughtUpMs])} s after`,
    target: "0 lost, in order",
    met: findings.length === 0 && twice.length === 0,
    counts: {
      compared,
      lost: lost.length,
      twice: twice.length,
      "twice, answers lost": unheard.length,
      outOfOrder: outOfOrder.length,
      redelivered,
      restartMs: Math.round(restartMs),
      caughtUpMs: Math.round(caughtUpMs),
    },
    findings: [...findings, ...twice, ...unheard],
  };
}

function secondsOf(ms: readonly number[]): string {
  return ms.map((one) => (one / 1000).toFixed(1)).join(", ");
}
