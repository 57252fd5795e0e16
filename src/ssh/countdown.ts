/** A limit of time that stands still while nobody is at fault. */
export interface Countdown {
  /** Aborted when the time is up, or when the outer signal is. */
  readonly signal: AbortSignal;
  pause(): void;
  resume(): void;
  /** From now on it aborts nothing. */
  stop(): void;
}

/**
 * Counts from now on. A timer of our own: those of `AbortSignal.timeout` cannot be paused, and may be collected while somebody still waits.
 */
export function startCountdown(
  limitMs: number,
  {
    outer,
    clock = performance,
  }: { readonly outer?: AbortSignal | undefined; readonly clock?: { readonly now: () => number } } = {},
): Countdown {
  const controller = new AbortController();
  let leftMs = limitMs;
  let resumedAt = clock.now();
  const abort = () => controller.abort();
  let timer = setTimeout(abort, leftMs);
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    pause() {
      clearTimeout(timer);
      leftMs -= clock.now() - resumedAt;
    },
    resume() {
      resumedAt = clock.now();
      timer = setTimeout(abort, leftMs);
    },
    stop() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    },
  };
}
