import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { BotLife } from "./bot-life.ts";
import { closeBooks } from "./close-books.ts";
import type { Fleet } from "./fleet.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { withStandIn } from "./with-stand-in.ts";

const REPLICAS = 3;
const SIZE = {
  full: { approvals: 10_000, limitMs: 60 * 60_000 },
  short: { approvals: 200, limitMs: 40_000 },
} as const;
const KILL_EVERY_MS = { atLeast: 1000, atMost: 6000 } as const;

/** Three replicas on one database, one of them killed every few seconds and started again. */
export async function killReplicas({ short, deadline }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const { approvals, limitMs } = short ? SIZE.short : SIZE.full;
  const endsAt = Math.min(deadline, Date.now() + limitMs);
  return await withStandIn({ store: "postgres", stores: 1, unitsEach: 120 }, async ({ host, books }) => {
    const [book] = books;
    if (book === undefined) throw new Error("no store was made");
    const { fleet } = book;
    const deaths = await killInTurns(fleet, { approvals, endsAt });
    await fleet.settle();
    const { counts, ...judged } = await closeBooks(books, host.readRecord);
    return [
      {
        name: "F8",
        did: `${REPLICAS} replicas on PostgreSQL, ${deaths} × kill -9 of one: ${counts.approvals} approvals`,
        ...judged,
        counts: { deaths, ...counts },
      },
    ];
  });
}

async function killInTurns(
  fleet: Fleet,
  until: { readonly approvals: number; readonly endsAt: number },
): Promise<number> {
  const lives: BotLife[] = Array.from({ length: REPLICAS }, () => fleet.start({ mode: "work" }));
  let deaths = 0;
  while (
    fleet.acknowledged.size < until.approvals &&
    Date.now() < until.endsAt &&
    fleet.crashes.length < 10
  ) {
    await sleep(randomInt(KILL_EVERY_MS.atLeast, KILL_EVERY_MS.atMost));
    const index = randomInt(REPLICAS);
    const victim = lives[index];
    if (victim !== undefined && (await fleet.kill(victim))) deaths++;
    lives[index] = fleet.start({ mode: "work" });
  }
  for (const life of lives) await fleet.kill(life);
  return deaths;
}
