import { setTimeout as sleep } from "node:timers/promises";
import type { Intent } from "../../src/approval/intent.ts";
import { type BotLife, startBotLife } from "./bot-life.ts";
import type { BotOrders } from "./bot-orders.ts";

const SETTLE_MS = 150_000;

/** All lives of bots on one store, one after another or side by side. */
export interface Fleet {
  start(more: Pick<BotOrders, "mode" | "death" | "poison">): BotLife;
  /** Keys whose approval people were told about. */
  readonly acknowledged: ReadonlySet<string>;
  /** Lives that ended without being told to, with their last words. */
  readonly crashes: readonly string[];
  /** kill -9. False, and noted, when it was dead already. */
  kill(life: BotLife): Promise<boolean>;
  /** A new life brings everything to its end. Gives how long that took, and how many restarts it found between approval and proof. */
  settle(): Promise<{ readonly tookMs: number; readonly found: number }>;
  /** What the store knows, and whether its audit log hangs together. */
  tell(): Promise<{ readonly intents: readonly Intent[]; readonly audit: string }>;
}

export function createFleet(
  orders: Pick<BotOrders, "place" | "units" | "host">,
  options: { readonly network?: string; readonly cache: string },
): Fleet {
  const acknowledged = new Set<string>();
  const crashes: string[] = [];

  const start: Fleet["start"] = (more) =>
    startBotLife(
      { ...orders, ...more },
      {
        ...options,
        onTold(told) {
          if (told.kind === "approved") acknowledged.add(told.key);
        },
      },
    );

  return {
    start,
    acknowledged,
    crashes,
    async kill(life) {
      life.kill();
      const { exitCode, stderr } = await life.ended;
      if (exitCode !== null) crashes.push(`ended with ${exitCode}: ${stderr}`);
      return exitCode === null;
    },
    async settle() {
      const beganAt = performance.now();
      const life = start({ mode: "settle" });
      await Promise.race([life.until("settled"), sleep(SETTLE_MS, undefined, { ref: false })]);
      const tookMs = performance.now() - beganAt;
      if (life.told.some(({ kind }) => kind === "settled")) {
        await life.ended;
      } else {
        life.kill();
        const { stderr } = await life.ended;
        crashes.push(`what was approved had no end after ${SETTLE_MS / 1000} s: ${stderr}`);
      }
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
