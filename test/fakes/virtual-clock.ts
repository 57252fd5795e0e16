import { setImmediate } from "node:timers/promises";

/** Turns of the event loop that whoever was woken may take, its reads of the store included. */
const TURNS = 25;

/** A clock that goes on only when it is told to, and wakes who sleeps by it. */
export class VirtualClock {
  #ms = 0;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  readonly now = (): number => this.#ms;

  /** Resolves early when it is aborted. */
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { at: this.#ms + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    if (signal?.aborted) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => this.#sleepers.delete(sleeper));
  };

  /** Wakes one after the other, each at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#ms + ms;
    for (;;) {
      for (let turn = 0; turn < TURNS; turn++) await setImmediate();
      const due = [...this.#sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      const [next] = due;
      if (next === undefined) break;
      this.#ms = Math.max(this.#ms, next.at);
      next.wake();
      await setImmediate();
    }
    this.#ms = end;
  }
}
