import { monitorEventLoopDelay } from "node:perf_hooks";
import timers from "node:timers/promises";
import { jsonAnswer, type WebAnswer } from "./web-message.ts";

/** A part that does not say how it is within this time is not ready. */
const CHECK_TIMEOUT_MS = 2000;
/** The loop was late by more than this since somebody last asked: other work starves the answers. */
const MAX_LAG_MS = 5000;

/** A part the bot cannot work without: its store, its lock, a chat platform. */
export interface ReadinessCheck {
  /** Ours, such as `store` or `slack`. */
  readonly name: string;
  isReady(): boolean | Promise<boolean>;
  /** Asking costs something: an answer is good for so long. */
  readonly validMs?: number;
}

export interface Health {
  /** 200 while the process works: restart it otherwise. */
  live(): Promise<WebAnswer>;
  /** 200 while every part is there: send nothing here otherwise. Names the parts, never why. */
  ready(): Promise<WebAnswer>;
  stop(): void;
}

export function createHealth(given: { readonly checks: readonly ReadinessCheck[] }): Health {
  const checks = given.checks.map(({ name, ...check }) => ({ name, ask: makeAsk(check) }));
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();

  return {
    async live() {
      const worstMs = Math.max(0, Math.round(lag.max / 1e6));
      lag.reset();
      const isAlive = worstMs < MAX_LAG_MS;
      return jsonAnswer(isAlive ? 200 : 503, { status: isAlive ? "ok" : "late", eventLoopLagMs: worstMs });
    },
    async ready() {
      const parts = await Promise.all(checks.map(async ({ name, ask }) => ({ name, ready: await ask() })));
      const isReady = parts.every(({ ready }) => ready);
      return jsonAnswer(isReady ? 200 : 503, { status: isReady ? "ok" : "not ready", parts });
    },
    stop: () => lag.disable(),
  };
}

/** Never rejects. */
function makeAsk({ isReady, validMs = 0 }: Omit<ReadinessCheck, "name">): () => Promise<boolean> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let answer = Promise.resolve(false);
  return () => {
    if (performance.now() - askedAt >= validMs) {
      askedAt = performance.now();
      answer = askOnce(isReady);
    }
    return answer;
  };
}

async function askOnce(isReady: ReadinessCheck["isReady"]): Promise<boolean> {
  const giveUp = new AbortController();
  try {
    return await Promise.race([
      Promise.resolve(isReady()),
      timers.setTimeout(CHECK_TIMEOUT_MS, false, { signal: giveUp.signal, ref: false }),
    ]);
  } catch {
    // a check that throws has said it
    return false;
  } finally {
    giveUp.abort();
  }
}
