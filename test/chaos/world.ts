import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Intent } from "../../src/approval/intent.ts";
import type { StorePlace } from "../../src/store/store-place.ts";
import { startBotLife } from "./bot-life.ts";
import type { BotOrders } from "./bot-orders.ts";
import type { ChaosHost } from "./chaos-host.ts";
import { type DeathSentence, LINES } from "./death.ts";

/** Where one bot dies again and again: its store, and the units that are its own. */
export interface WorldSpec {
  readonly host: ChaosHost;
  readonly place: StorePlace;
  readonly units: readonly number[];
}

/** What became of everything that a world's bots did. */
export interface WorldEnd {
  readonly deaths: number;
  /** Line, or `clock` for a death by the clock → deaths. */
  readonly deathsAt: ReadonlyMap<string, number>;
  /** Deaths after which the next life found a restart between its approval and its proof. */
  readonly deathsUnderWay: number;
  readonly acknowledged: ReadonlySet<string>;
  readonly intents: readonly Intent[];
  readonly audit: string;
  /** Lives that ended without being told to, with their last words. */
  readonly crashes: readonly string[];
  /** How long it was killed again and again, ms. */
  readonly dyingMs: number;
  /** From the last kill until everything approved had its end, ms. */
  readonly settledAfterMs: number;
}

/** A line that nobody comes by is not waited for longer; then any line will do. */
const GRACE_MS = 700;
const LINE_PATIENCE_MS = 2000;
const SETTLE_MS = 150_000;

/** Kills bot after bot, then lets the last one bring everything to its end. */
export async function runWorld(
  spec: WorldSpec,
  until: { readonly deaths: number; readonly deadline: number },
): Promise<WorldEnd> {
  const { host, place, units } = spec;
  const { network } = host;
  const orders = { place, units, host: host.orders };
  const cache = `${host.directory}/compile-cache`;
  const deathsAt = new Map<string, number>();
  const acknowledged = new Set<string>();
  const crashes: string[] = [];
  let deaths = 0;
  let deathsUnderWay = 0;

  function start(more: Pick<BotOrders, "mode" | "death">) {
    return startBotLife(
      { ...orders, ...more },
      {
        network,
        cache,
        onTold(told) {
          if (told.kind === "approved") acknowledged.add(told.key);
        },
      },
    );
  }

  async function liveAndDie(): Promise<void> {
    const sentence = drawSentence();
    const life = start({ mode: "work", ...(sentence === undefined ? {} : { death: sentence }) });
    const isOver = life.ended.then(() => undefined);
    // some die while they start
    if (sentence !== undefined || randomInt(8) > 0) await life.until("ready");
    await Promise.race([isOver, sleep(sentence === undefined ? randomInt(1000) : LINE_PATIENCE_MS)]);
    life.kill();
    const { exitCode, stderr } = await life.ended;
    if (exitCode !== null) return void crashes.push(`ended with ${exitCode}: ${stderr}`);
    deaths++;
    const dying = life.told.find((told) => told.kind === "dying");
    const at = dying?.line ?? "clock";
    deathsAt.set(at, (deathsAt.get(at) ?? 0) + 1);
    if (life.told.some(({ kind }) => kind === "found")) deathsUnderWay++;
  }

  // the first one makes the tables, and ends in order: only then is the compile cache written
  await start({ mode: "settle" }).ended;
  const beganAt = Date.now();
  while (deaths < until.deaths && Date.now() < until.deadline && crashes.length < 10) await liveAndDie();

  const diedAt = Date.now();
  const last = start({ mode: "settle" });
  const settled = await Promise.race([
    last.ended.then(() => last.told.some(({ kind }) => kind === "settled")),
    sleep(SETTLE_MS, false, { ref: false }),
  ]);
  const settledAfterMs = Date.now() - diedAt;
  last.kill();
  const { stderr } = await last.ended;
  if (!settled) crashes.push(`what was approved had no end after ${SETTLE_MS / 1000} s: ${stderr}`);

  const teller = start({ mode: "tell" });
  await teller.ended;
  return {
    deaths,
    deathsAt,
    deathsUnderWay,
    acknowledged,
    crashes,
    dyingMs: diedAt - beganAt,
    settledAfterMs,
    intents: teller.told.flatMap((told) => (told.kind === "intent" ? [told.intent] : [])),
    audit: teller.told.findLast((told) => told.kind === "audit")?.status ?? "not read",
  };
}

/** Three of four die at a line, all lines alike; the others whenever the clock says. */
function drawSentence(): DeathSentence | undefined {
  if (randomInt(4) === 0) return undefined;
  const line = LINES[randomInt(LINES.length)];
  return line === undefined ? undefined : { line, graceMs: GRACE_MS };
}
