import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { closeBooks } from "./close-books.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { withStandIn } from "./with-stand-in.ts";

const STRANGER = join(import.meta.dirname, "stranger.ts");
const RUNS = { full: 10_000, short: 300 } as const;
const LIMIT_MS = { full: 8 * 60_000, short: 60_000 } as const;

/** A stranger locks both SQLite files 2 ms in every 50 ms, as a backup or a report would, while the bot works. */
export async function lockFile({ short, deadline }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const size = short ? "short" : "full";
  const endsAt = Math.min(deadline, Date.now() + LIMIT_MS[size]);
  return await withStandIn({ store: "sqlite", stores: 1, unitsEach: 20 }, async ({ host, books }) => {
    const [book] = books;
    if (book?.place.kind !== "sqlite") throw new Error("no store was made");
    const { fleet, place } = book;
    const stranger = spawn(process.execPath, [STRANGER, place.directory], { stdio: "inherit" });
    const engine = new DatabaseSync(join(place.directory, "engine.db"), { readOnly: true, timeout: 5000 });
    const countRuns = (where: string) =>
      Number(
        Object.values(engine.prepare(`select count(*) from workflow_runs where ${where}`).get() ?? {})[0],
      );
    try {
      const life = fleet.start({ mode: "work" });
      let hasEnded = false;
      life.ended.then(() => {
        hasEnded = true;
      });
      while (countRuns("true") < RUNS[size] && Date.now() < endsAt && !hasEnded) await sleep(500);
      life.settle();
      await Promise.race([life.ended, sleep(60_000, undefined, { ref: false })]);
      if (!life.told.some(({ kind }) => kind === "settled")) await fleet.kill(life);
      const runs = countRuns("true");
      const failed = countRuns("status = 'failed'");
      const troubles = life.told.filter(({ kind }) => kind === "error").length;
      stranger.kill();
      await once(stranger, "exit");
      const { counts, result, ...judged } = await closeBooks(books, host.readRecord);
      return [
        {
          name: "F5",
          did: `a stranger locks both files 2 ms in every 50 ms: ${runs} runs, ${counts.approvals} approvals`,
          ...judged,
          result: `${failed} runs lost, ${troubles} turns failed; ${result}`,
          target: "0 lost, 0 double",
          met: judged.met && failed === 0,
          counts: { runs, failed, troubles, ...counts },
        },
      ];
    } finally {
      engine.close();
      stranger.kill();
    }
  });
}
