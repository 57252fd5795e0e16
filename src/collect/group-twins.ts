import type { Look } from "../plan/plan.ts";

/** Looks that ask the same of the host, so that one answer is the answer to all. */
export type Twins = readonly [Look, ...Look[]];

/** What several products want to see is looked at once; in the order of the first of each group. */
export function groupTwins(looks: readonly Look[]): readonly Twins[] {
  const groups = new Map<string, [Look, ...Look[]]>();
  for (const look of looks) {
    const { action, as, whileRunning, timeoutMs, maxBytes } = look;
    const key = JSON.stringify([action, as, whileRunning, timeoutMs, maxBytes]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [look]);
    else group.push(look);
  }
  return [...groups.values()];
}
