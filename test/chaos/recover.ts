import { closeBooks } from "./close-books.ts";
import type { DeathSentence } from "./death.ts";
import type { Fleet } from "./fleet.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { withStandIn } from "./with-stand-in.ts";

/** Where a restart is under way, and somebody waits for its end. */
const LINES = ["decided", "rechecked", "claimed", "answered", "settled", "proving"] as const;

/** It dies there and nowhere else. */
const GRACE_MS = 3_600_000;

const TRIALS = [
  { store: "sqlite", name: "F2 embedded", stores: 2, full: 30, short: 4, targetMs: 5000 },
  { store: "postgres", name: "F2 Postgres", stores: 6, full: 5, short: 1, targetMs: 35_000 },
] as const;

/** From kill -9 in the middle of a restart until the next life, started at once, has brought all that was approved to its end. */
export async function recover({ short, deadline }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const rows: ChaosRow[] = [];
  for (const { store, name, stores, targetMs, ...trials } of TRIALS) {
    const each = short ? trials.short : trials.full;
    rows.push(
      await withStandIn({ store, stores, unitsEach: 3 }, async ({ host, books }) => {
        const times = await Promise.all(
          books.map(({ fleet }, index) => timeRecoveries(fleet, { from: index, count: each, deadline })),
        );
        const all = times.flat().toSorted((a, b) => a - b);
        const at = (share: number) =>
          all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? Number.NaN;
        const { counts, findings } = await closeBooks(books, host.readRecord);
        const said = [0.5, 0.95, 1].map((share) => (at(share) / 1000).toFixed(1));
        return {
          name,
          did: `${all.length} × kill -9 in the middle of a restart, started again at once`,
          result: `p50 ${said[0]} s, p95 ${said[1]} s, longest ${said[2]} s`,
          target: `p95 < ${targetMs / 1000} s`,
          met: findings.length === 0 && at(0.95) < targetMs,
          counts: { ...counts, p50Ms: Math.round(at(0.5)), p95Ms: Math.round(at(0.95)) },
          findings,
        };
      }),
    );
  }
  return rows;
}

async function timeRecoveries(
  fleet: Fleet,
  trials: { readonly from: number; readonly count: number; readonly deadline: number },
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < trials.count && Date.now() < trials.deadline; index++) {
    const line = LINES[(trials.from + index) % LINES.length];
    if (line === undefined) continue;
    const death: DeathSentence = { line, graceMs: GRACE_MS };
    await fleet.start({ mode: "work", death }).ended;
    const { tookMs, found } = await fleet.settle();
    if (found > 0) times.push(tookMs);
  }
  return times;
}
