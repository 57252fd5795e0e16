import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 100;

/** Looks again and again; false when it did not hold in time. */
export async function holdsWithin(ms: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const endsAt = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > endsAt) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
