import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StorePlace } from "../../src/store/store-place.ts";
import { startPostgres, type TestPostgres } from "../fakes/postgres.ts";
import type { Books } from "./close-books.ts";
import { createFleet } from "./fleet.ts";
import { openStandInHost, type StandInHost } from "./stand-in-host.ts";

interface StandInWorld {
  readonly host: StandInHost;
  readonly postgres: TestPostgres | undefined;
  /** One for each store, with units of its own. */
  readonly books: readonly Books[];
}

/** Stores of one kind, each with its units on one stand-in host; all of it is taken away afterwards. */
export async function withStandIn<Result>(
  given: { readonly store: StorePlace["kind"]; readonly stores: number; readonly unitsEach: number },
  use: (world: StandInWorld) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-chaos-"));
  const all = Array.from({ length: given.stores * given.unitsEach }, (_, index) => index + 1);
  const host = await openStandInHost({ socket: join(directory, "host.sock"), units: all });
  let postgres: TestPostgres | undefined;
  try {
    if (given.store === "postgres") postgres = await startPostgres({ maxConnections: 300 });
    const books: Books[] = [];
    for (let index = 0; index < given.stores; index++) {
      const units = all.slice(index * given.unitsEach, (index + 1) * given.unitsEach);
      const place: StorePlace =
        postgres === undefined
          ? { kind: "sqlite", directory: await mkdtemp(join(directory, "state-")) }
          : { kind: "postgres", url: await postgres.createDatabase(`bot${index}`) };
      const fleet = createFleet(
        { place, units, host: { kind: "stand-in", socket: host.socket } },
        { cache: join(directory, "compile-cache") },
      );
      // tables and compile cache are there when it begins
      await fleet.settle();
      books.push({ fleet, place, units });
    }
    return await use({ host, postgres, books });
  } finally {
    await postgres?.remove();
    await host.close();
    await rm(directory, { recursive: true, force: true });
  }
}
