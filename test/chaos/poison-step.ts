import { setTimeout as sleep } from "node:timers/promises";
import { closeBooks } from "./close-books.ts";
import type { Fleet } from "./fleet.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { siteOf } from "./sites.ts";
import { withStandIn } from "./with-stand-in.ts";

const TRIALS = { full: 5, short: 1 } as const;
const PARKED_AFTER = 3;
const MOST_LIVES = 10;
/** A life that lasts so long has not met the poison. */
const ALIVE_MS = 8000;

/** Looking at one site ends the process, each time. The bot must stop doing it, and go on with the others. */
export async function poisonStep({ short }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const stores = short ? TRIALS.short : TRIALS.full;
  return await withStandIn({ store: "sqlite", stores, unitsEach: 3 }, async ({ host, books }) => {
    const deaths: number[] = [];
    const findings: string[] = [];
    for (const { fleet, units } of books) {
      const poison = siteOf(units[0] ?? 0);
      const died = await countDeaths(fleet, poison);
      await fleet.settle();
      deaths.push(died);
      if (died !== PARKED_AFTER) findings.push(`${poison} was parked after ${died} deaths`);
    }
    const judged = await closeBooks(books, host.readRecord);
    return [
      {
        name: "F11",
        did: `a look that kills its process each time, ${stores} ×`,
        result: `parked after ${[...new Set(deaths)].join(", ")} deaths; ${judged.result}`,
        target: `parked after ${PARKED_AFTER}`,
        met: judged.met && findings.length === 0,
        counts: judged.counts,
        findings: [...findings, ...judged.findings],
      },
    ];
  });
}

/** People ask once; then nobody does, and the bot is started again as long as it dies. */
async function countDeaths(fleet: Fleet, poison: string): Promise<number> {
  await fleet.start({ mode: "work", poison }).ended;
  for (let died = 1; died < MOST_LIVES; died++) {
    const life = fleet.start({ mode: "watch", poison });
    await life.until("ready");
    const hasDied = await Promise.race([life.ended.then(() => true), sleep(ALIVE_MS, false)]);
    life.kill();
    await life.ended;
    if (!hasDied) return died;
  }
  return MOST_LIVES;
}
