import { setTimeout as sleep } from "node:timers/promises";

const TICK_MS = 5;

/**
 * Calls `arrive` `count` times, evenly over `durationMs`, whether or not earlier ones have ended: people and senders do not wait for each
 * other. Resolves with how late the latest one was sent.
 */
export async function arrivals(
  { count, durationMs }: { readonly count: number; readonly durationMs: number },
  arrive: (index: number) => void,
): Promise<number> {
  const startedAt = performance.now();
  let latestMs = 0;
  for (let sent = 0; sent < count; ) {
    const dueMs = (sent * durationMs) / count;
    const passedMs = performance.now() - startedAt;
    if (passedMs < dueMs) {
      await sleep(Math.min(TICK_MS, dueMs - passedMs));
      continue;
    }
    latestMs = Math.max(latestMs, passedMs - dueMs);
    arrive(sent);
    sent++;
  }
  return latestMs;
}
