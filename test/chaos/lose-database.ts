import { setTimeout as sleep } from "node:timers/promises";
import { closeBooks } from "./close-books.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { withStandIn } from "./with-stand-in.ts";

const OUTAGES = { full: { count: 10, goneMs: 60_000 }, short: { count: 2, goneMs: 5000 } } as const;
const WORK_MS = 10_000;

/** PostgreSQL is stopped as by a power cut, stays away, and comes back; the bot lives through it. */
export async function loseDatabase({ short, deadline }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const { count, goneMs } = short ? OUTAGES.short : OUTAGES.full;
  return await withStandIn({ store: "postgres", stores: 1, unitsEach: 20 }, async (world) => {
    const { host, postgres } = world;
    const [book] = world.books;
    if (book === undefined || postgres === undefined) throw new Error("no store was made");
    const { fleet } = book;
    const life = fleet.start({ mode: "work" });
    await life.until("ready");
    let outages = 0;
    for (; outages < count && Date.now() < deadline; outages++) {
      await sleep(WORK_MS);
      await postgres.stop("immediate");
      await sleep(goneMs);
      await postgres.start();
    }
    const before = fleet.acknowledged.size;
    await sleep(WORK_MS + 35_000);
    const after = fleet.acknowledged.size - before;
    life.settle();
    await Promise.race([life.ended, sleep(90_000, undefined, { ref: false })]);
    const hasLived = life.told.some(({ kind }) => kind === "settled");
    if (!hasLived) await fleet.kill(life);
    const { counts, result, findings, ...judged } = await closeBooks(world.books, host.readRecord);
    return [
      {
        name: "F6",
        did: `PostgreSQL gone ${goneMs / 1000} s, ${outages} ×, at work: ${counts.approvals} approvals`,
        ...judged,
        result: `${hasLived ? "the bot lived" : "THE BOT DID NOT LIVE"}, ${after} approvals after the last; ${result}`,
        target: "0 lost, 0 double",
        met: judged.met && hasLived && after > 0,
        counts: { outages, after, ...counts },
        findings: hasLived ? findings : [...findings, "the bot did not bring its work to an end"],
      },
    ];
  });
}
