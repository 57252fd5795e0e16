import { mkdir } from "node:fs/promises";
import type { StorePlace } from "../../src/store/store-place.ts";
import { startPostgres, type TestPostgres } from "../fakes/postgres.ts";
import { type ChaosHost, openChaosHost } from "./chaos-host.ts";
import { type Books, closeBooks } from "./close-books.ts";
import { createFleet } from "./fleet.ts";
import { type Deaths, killOverAndOver } from "./kill-over-and-over.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";

/** Bots of each store, side by side: more would only wait for the processors. */
const BOTS = { sqlite: 4, postgres: 2 } as const;
/** A dead worker's lease ends after half a minute there: enough others must be free meanwhile. */
const UNITS = { sqlite: 4, postgres: 12 } as const;
/** Of each bot. */
const DEATHS = { full: { sqlite: 650, postgres: 250 }, short: { sqlite: 35, postgres: 30 } } as const;

/** kill -9 of the bot at every named line of a restart and by the clock, over and over, on both stores; the host is a real one. */
export async function killBot({ short, deadline }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const budget = short ? DEATHS.short : DEATHS.full;
  const host = await openChaosHost({ units: BOTS.sqlite * UNITS.sqlite + BOTS.postgres * UNITS.postgres });
  let postgres: TestPostgres | undefined;
  try {
    postgres = await startPostgres({ network: host.network, maxConnections: 200 });
    const books = await openBooks(host, postgres);
    const died = await Promise.all(
      books.map(async ({ fleet, place }) => {
        const deaths = await killOverAndOver(fleet, { deaths: budget[place.kind], deadline });
        await fleet.settle();
        return deaths;
      }),
    );
    const rows: ChaosRow[] = [];
    for (const kind of ["sqlite", "postgres"] as const) {
      const mine = books.flatMap((book, index) => {
        const deaths = died[index];
        return deaths === undefined || book.place.kind !== kind ? [] : [{ book, deaths }];
      });
      const { counts, ...judged } = await closeBooks(
        mine.map(({ book }) => book),
        host.readRecord,
      );
      const deaths = countDeaths(mine.map((one) => one.deaths));
      rows.push({
        name: `F1 ${kind}`,
        did: `${deaths.deaths} × kill -9, ${deaths["deaths under way"]} with a restart under way; ${counts.approvals} approvals`,
        ...judged,
        counts: { ...deaths, ...counts },
      });
    }
    return rows;
  } finally {
    await postgres?.remove();
    await host.close();
  }
}

async function openBooks(host: ChaosHost, postgres: TestPostgres): Promise<readonly Books[]> {
  const books: Books[] = [];
  let next = 1;
  const add = (place: StorePlace) => {
    const units = Array.from({ length: UNITS[place.kind] }, () => next++);
    const { network, directory, orders } = host;
    const fleet = createFleet(
      { place, units, host: orders },
      { network, cache: `${directory}/compile-cache` },
    );
    books.push({ fleet, place, units });
  };
  for (let index = 0; index < BOTS.sqlite; index++) {
    const directory = `${host.directory}/state-${index}`;
    await mkdir(directory, { mode: 0o700 });
    add({ kind: "sqlite", directory });
  }
  for (let index = 0; index < BOTS.postgres; index++) {
    add({ kind: "postgres", url: await postgres.createDatabase(`bot${index}`) });
  }
  return books;
}

function countDeaths(all: readonly Deaths[]) {
  const lines: { [line: string]: number } = {};
  for (const { at } of all) {
    for (const [line, count] of at) lines[`died at ${line}`] = (lines[`died at ${line}`] ?? 0) + count;
  }
  return {
    deaths: all.reduce((sum, { count }) => sum + count, 0),
    "deaths under way": all.reduce((sum, { underWay }) => sum + underWay, 0),
    ...lines,
  };
}
