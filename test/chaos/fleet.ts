import { setTimeout as sleep } from "node:timers/promises";
import type { Intent } from "../../src/approval/intent.ts";
import { type BotLife, startBotLife } from "./bot-life.ts";
import type { BotOrders, Told } from "./bot-orders.ts";

const SETTLE_MS = 150_000;

/** All lives of bots on one store, one after another or side by side. */
export interface Fleet {
  start(
    more: Pick<BotOrders, "mode" | "death" | "mishap" | "poison">,
    onTold?: (told: Told) => void,
  ): BotLife;
  /** Keys whose approval people were told about. */
  readonly acknowledged: ReadonlySet<string>;
  /** Lives that ended without being told to, with their last words. */
  readonly crashes: readonly string[];
  /** kill -9. False, and noted, when it was dead already. */
  kill(life: BotLife): Promise<boolean>;
  /** People have had enough of this life. Noted, when it does not bring what was approved to its end in this time. */
  end(life: BotLife, patienceMs: number): Promise<void>;
  /** A new life brings everything to its end. Gives how long that took, and how many restarts it found between approval and proof. */
  settle(): Promise<{ readonly tookMs: number; readonly found: number }>;
  /** What the store knows, and whether its audit log hangs together. */
  tell(): Promise<{ readonly intents: readonly Intent[]; readonly audit: string }>;
}

export function createFleet(
  orders: Pick<BotOrders, "place" | "units" | "host">,
  options: { readonly network?: string; readonly through?: readonly string[]; readonly cache: string },
): Fleet {
  const acknowledged = new Set<string>();
  const crashes: string[] = [];

  const start: Fleet["start"] = (more, onTold) =>
    startBotLife(
      { ...orders, ...more },
      {
        ...options,
        onTold(told) {
          if (told.kind === "approved") acknowledged.add(told.key);
          onTold?.(told);
        },
      },
    );

  async function end(life: BotLife, patienceMs: number): Promise<void> {
    life.settle();
    await Promise.race([life.until("settled"), sleep(patienceMs, undefined, { ref: false })]);
    const isSettled = life.told.some(({ kind }) => kind === "settled");
    if (!isSettled) life.kill();
    const { exitCode, stderr } = await life.ended;
    if (isSettled) return;
    crashes.push(
      exitCode === null
        ? `what was approved had no end after ${patienceMs / 1000} s: ${stderr}`
        : `ended with ${exitCode}: ${stderr}`,
    );
  }

  return {
    start,
    acknowledged,
    crashes,
    end,
    async kill(life) {
      life.kill();
      const { exitCode, stderr } = await life.ended;
      if (exitCode !== null) crashes.push(`ended with ${exitCode}: ${stderr}`);
      return exitCode === null;
    },
    async settle() {
      const beganAt = performance.now();
      let tookMs = SETTLE_MS;
      const life = start({ mode: "settle" }, ({ kind }) => {
        if (kind === "settled") tookMs = performance.now() - beganAt;
      });
      await end(life, SETTLE_MS);
      return { tookMs, found: life.told.filter(({ kind }) => kind === "found").length };
    },
    async tell() {
      const life = start({ mode: "tell" });
      await life.ended;
      return {
        intents: life.told.flatMap((told) => (told.kind === "intent" ? [told.intent] : [])),
        audit: life.told.findLast((told) => told.kind === "audit")?.status ?? "not read",
      };
    },
  };
}
