import { setTimeout as sleep } from "node:timers/promises";
import type { StorePlace } from "../../src/store/store-place.ts";
import type { BotLife } from "./bot-life.ts";
import { type Books, closeBooks } from "./close-books.ts";
import type { Mishap } from "./mishap.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { withStandIn } from "./with-stand-in.ts";

/** Longer than a worker's lease, and than a last check may take. */
const PAUSE_MS = { full: 40_000, short: 32_000 } as const;
/** Stores of each kind, and how often it befalls each. */
const SIZE = {
  full: { pause: { stores: 5, times: 20 }, clock: { stores: 2, times: 50 } },
  short: { pause: { stores: 1, times: 1 }, clock: { stores: 1, times: 6 } },
} as const;
const PATIENCE_MS = 180_000;
const NAMES = { pause: "F7 paused", clock: "F7 clock" } as const;

/** What befell the bots of one store, and how soon after it somebody's approval counted again. */
interface Strikes {
  readonly count: number;
  readonly waitsMs: readonly number[];
}

/**
 * Processes that are stopped in the middle of restarts for longer than their lease, and wall clocks that are set by an hour. With PostgreSQL a
 * second replica, which nothing befalls, takes over meanwhile.
 */
export async function loseTime(options: ChaosOptions): Promise<readonly ChaosRow[]> {
  const rows = await Promise.all([befallStores("sqlite", options), befallStores("postgres", options)]);
  return rows.flat();
}

async function befallStores(
  store: StorePlace["kind"],
  { short, deadline }: ChaosOptions,
): Promise<readonly ChaosRow[]> {
  const size = short ? SIZE.short : SIZE.full;
  const pauseMs = short ? PAUSE_MS.short : PAUSE_MS.full;
  const stores = size.pause.stores + size.clock.stores;
  return await withStandIn({ store, stores, unitsEach: 4 }, async ({ host, books }) => {
    const groups = [
      { mishap: "pause", mine: books.slice(0, size.pause.stores) },
      { mishap: "clock", mine: books.slice(size.pause.stores) },
    ] as const;
    const struck = await Promise.all(
      groups.map(({ mishap, mine }) => {
        const how = { mishap, times: size[mishap].times, pauseMs, deadline };
        return Promise.all(mine.map((book) => befall(book, how)));
      }),
    );
    const rows: ChaosRow[] = [];
    for (const [index, { mishap, mine }] of groups.entries()) {
      const strikes = struck[index] ?? [];
      const { counts, ...judged } = await closeBooks(mine, host.readRecord);
      const count = strikes.reduce((sum, one) => sum + one.count, 0);
      const waits = strikes.flatMap(({ waitsMs }) => waitsMs).toSorted((a, b) => a - b);
      const longestMs = Math.round(waits.at(-1) ?? 0);
      rows.push({
        name: `${NAMES[mishap]} ${store}`,
        did: `${count} × ${mishap === "pause" ? `paused ${pauseMs / 1000} s` : "the clock set by an hour"}; ${counts.approvals} approvals`,
        ...judged,
        counts: { strikes: count, longestMs, ...counts },
      });
    }
    return rows;
  });
}

async function befall(
  { fleet, place }: Books,
  how: {
    readonly mishap: Mishap;
    readonly times: number;
    readonly pauseMs: number;
    readonly deadline: number;
  },
): Promise<Strikes> {
  const { mishap, times, pauseMs, deadline } = how;
  let count = 0;
  let beganAt: number | undefined;
  const waitsMs: number[] = [];
  const enough = Promise.withResolvers<void>();
  const struck: BotLife = fleet.start({ mode: "work", mishap }, (told) => {
    if (told.kind === "approved" && beganAt !== undefined) {
      waitsMs.push(performance.now() - beganAt);
      beganAt = undefined;
    }
    if (told.kind !== "pausing" && told.kind !== "clock-set") return;
    count++;
    beganAt = performance.now();
    if (told.kind === "pausing") setTimeout(goOn, pauseMs);
    else if (count >= times) enough.resolve();
  });
  function goOn() {
    beganAt = performance.now();
    struck.resume();
    if (count >= times) enough.resolve();
  }
  const second = place.kind === "postgres" ? fleet.start({ mode: "work" }) : undefined;
  const tooLate = sleep(Math.max(0, deadline - Date.now()), undefined, { ref: false });
  await Promise.race([enough.promise, struck.ended, tooLate]);
  await Promise.all([struck, second].map((life) => life && fleet.end(life, PATIENCE_MS)));
  await fleet.settle();
  return { count, waitsMs };
}
