import { type Clocks, watchClock } from "./clocks.ts";
import type { Log } from "./log.ts";

const LOOK_EVERY_MS = 1000;

/**
 * Until `signal` is aborted: `catchUp` whenever the wall clock was set, again and again until it succeeds. What waits for a time that an hour
 * was put before would wait an hour more.
 */
export async function heedClock({
  sleep,
  log,
  catchUp,
  signal,
  ...clocks
}: Clocks & {
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: Log;
  readonly catchUp: () => Promise<void>;
  readonly signal: AbortSignal;
}): Promise<void> {
  let setBy = watchClock(clocks);
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, signal);
    const setMs = setBy();
    if (setMs === 0) continue;
    log.warn({ setMs: Math.round(setMs) }, "the clock was set; all that waits looks again");
    try {
      await catchUp();
      setBy = watchClock(clocks);
    } catch (error) {
      log.warn({ reason: String(error) }, "not all that waits looks again yet");
    }
  }
}
