import { sql, type Transaction } from "kysely";
import type { Database } from "./database.ts";
import { migrationsFor } from "./migrations.ts";
import { SCHEMA } from "./postgres-dialect.ts";
import { StoreError } from "./store-error.ts";
import type { Tables } from "./tables.ts";

/** Any number, the same for all replicas: who changes the tables holds it. */
const MIGRATION_LOCK = 502_001;

/**
 * Brings the tables up to this version, in one transaction; replicas that start together wait for the first.
 * @throws {StoreError} for tables of a newer version than ours.
 */
export async function migrate(database: Database, now: () => number): Promise<void> {
  const versions = migrationsFor(database.kind);
  await database.transaction(async (trx) => {
    if (database.kind === "postgres") {
      await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(trx);
      await sql`create schema if not exists ${sql.id(SCHEMA)}`.execute(trx);
    }
    const present = await appliedVersion(trx);
    if (present > versions.length) {
      throw new StoreError(
        `The records are of version ${present}, and this diagnose502 knows ${versions.length}.`,
        { hint: "Run the newer diagnose502 that wrote them, or restore the backup made before the update." },
      );
    }
    for (const [index, statements] of versions.entries()) {
      const version = index + 1;
      if (version <= present) continue;
      for (const statement of statements) await sql.raw(statement).execute(trx);
      await trx
        .insertInto("migrations")
        .values({ version, applied_at: new Date(now()).toISOString() })
        .execute();
    }
  });
}

async function appliedVersion(trx: Transaction<Tables>): Promise<number> {
  await sql`create table if not exists migrations (version integer primary key, applied_at text not null)`.execute(
    trx,
  );
  const row = await trx
    .selectFrom("migrations")
    .select(({ fn }) => fn.max<number | null>("version").as("version"))
    .executeTakeFirst();
  return row?.version ?? 0;
}
