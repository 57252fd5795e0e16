/** So long work may go on without a pause, however much of it waits. */
const WORK_MS = 5;

/** One at a time, in the order they came. */
export interface Turnstile {
  enter(): Promise<void>;
  leave(): void;
}

/**
 * For work that blocks: a database of this process, the reasoning of a diagnosis. Those who wait would otherwise follow each other without the
 * event loop ever turning, and a storm of alerts would keep clicks unread for seconds. Between two of them, every few milliseconds, everything
 * else gets its turn.
 */
export function createTurnstile(clock: { readonly now: () => number } = performance): Turnstile {
  let waiting: (() => void)[] = [];
  let next = 0;
  let isTaken = false;
  let turnedAt = clock.now();

  /** Calls it now, or after the event loop has turned. */
  function admit(one: () => void): void {
    if (clock.now() - turnedAt < WORK_MS) {
      one();
      return;
    }
    setImmediate(() => {
      turnedAt = clock.now();
      one();
    });
  }

  return {
    enter() {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (isTaken) {
        waiting.push(resolve);
      } else {
        isTaken = true;
        admit(resolve);
      }
      return promise;
    },
    leave() {
      const one = waiting[next];
      if (one === undefined) {
        isTaken = false;
        waiting = [];
        next = 0;
        return;
      }
      next++;
      admit(one);
    },
  };
}
