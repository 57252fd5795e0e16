import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type DeathSentence, LINES } from "./death.ts";
import type { Fleet } from "./fleet.ts";

/** How often and where the bots of one store died. */
export interface Deaths {
  readonly count: number;
  /** Line, or `clock` for a death by the clock → deaths. */
  readonly at: ReadonlyMap<string, number>;
  /** Deaths after which the next life found a restart between its approval and its proof. */
  readonly underWay: number;
}

/** A line that nobody comes by is not waited for longer; then any line will do, and at last the clock. */
const GRACE_MS = 700;
const LINE_PATIENCE_MS = 4000;

/** Kills bot after bot. */
export async function killOverAndOver(
  fleet: Fleet,
  until: { readonly deaths: number; readonly deadline: number },
): Promise<Deaths> {
  const at = new Map<string, number>();
  let count = 0;
  let underWay = 0;

  async function liveAndDie(): Promise<void> {
    const death = drawSentence();
    const life = fleet.start({ mode: "work", ...(death === undefined ? {} : { death }) });
    const isOver = life.ended.then(() => undefined);
    // some die while they start
    if (death !== undefined || randomInt(8) > 0) await life.until("ready");
    await Promise.race([isOver, sleep(death === undefined ? randomInt(1500) : LINE_PATIENCE_MS)]);
    if (!(await fleet.kill(life))) return;
    count++;
    const line = life.told.find((told) => told.kind === "dying")?.line ?? "clock";
    at.set(line, (at.get(line) ?? 0) + 1);
    if (life.told.some(({ kind }) => kind === "found")) underWay++;
  }

  // the first one makes the tables, and ends in order: only then is the compile cache written
  await fleet.settle();
  while (count < until.deaths && Date.now() < until.deadline && fleet.crashes.length < 10) await liveAndDie();
  return { count, at, underWay };
}

/** Three of four die at a line, all lines alike; the others whenever the clock says. */
function drawSentence(): DeathSentence | undefined {
  if (randomInt(4) === 0) return undefined;
  const line = LINES[randomInt(LINES.length)];
  return line === undefined ? undefined : { line, graceMs: GRACE_MS };
}
