import { AsyncLocalStorage } from "node:async_hooks";

/** So long work may go on without a pause, however much of it waits. */
const WORK_MS = 5;

const urgency = new AsyncLocalStorage<true | undefined>();

/**
 * Whatever `work` waits for at a turnstile comes before all that is not urgent, and so does all that it calls. For the few things that a person
 * waits for on a platform that gives up after seconds.
 */
export function urgently<Result>(work: () => Promise<Result>): Promise<Result> {
  return urgency.run(true, work);
}

/** What urgent work sets going for others to do: it, and all that ever follows from it, is not urgent. */
export function atLeisure(work: () => void): void {
  urgency.run(undefined, work);
}

/** One at a time: what is urgent first, else in the order they came. */
export interface Turnstile {
  enter(): Promise<void>;
  leave(): void;
}

/**
 * For work that blocks: a database of this process, the reasoning of a diagnosis. Those who wait would otherwise follow each other without the
 * event loop ever turning, and a storm of alerts would keep clicks unread for seconds. Between two of them, every few milliseconds, everything
 * else gets its turn; what is urgent does not wait for that, being little.
 */
export function createTurnstile(clock: { readonly now: () => number } = performance): Turnstile {
  const urgent = createQueue();
  const usual = createQueue();
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
      const isUrgent = urgency.getStore() !== undefined;
      if (isTaken) {
        (isUrgent ? urgent : usual).add(resolve);
      } else {
        isTaken = true;
        if (isUrgent) resolve();
        else admit(resolve);
      }
      return promise;
    },
    leave() {
      const hurried = urgent.take();
      if (hurried !== undefined) return hurried();
      const one = usual.take();
      if (one === undefined) isTaken = false;
      else admit(one);
    },
  };
}

/** First come, first served, however many wait. */
function createQueue() {
  let waiting: (() => void)[] = [];
  let next = 0;
  return {
    add: (one: () => void) => void waiting.push(one),
    take(): (() => void) | undefined {
      const first = waiting[next++];
      if (next < waiting.length) return first;
      waiting = [];
      next = 0;
      return first;
    },
  };
}
