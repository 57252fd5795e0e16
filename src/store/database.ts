import { join } from "node:path";
import { Kysely, sql, type Transaction } from "kysely";
import { createPostgresDialect } from "./postgres-dialect.ts";
import { requirePrivateDirectory, requirePrivateFile } from "./private-file.ts";
import { createSqliteDialect, openSqlite } from "./sqlite-dialect.ts";
import { StoreError } from "./store-error.ts";
import type { StorePlace } from "./store-place.ts";
import type { Tables } from "./tables.ts";

/** Tries of a transaction that the database gave up in favour of another one. */
const MAX_TRIES = 5;

/** Our own tables, wherever they are. */
export interface Database {
  readonly kind: StorePlace["kind"];
  readonly db: Kysely<Tables>;
  /** All or nothing. Run again when the database gave it up for another one, so it must have no effect outside. */
  transaction<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  /** Everything in it is read as of one moment, and nothing is written. */
  snapshot<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Opens the tables without looking whether they are there. @throws {StoreError} */
export function openDatabase(
  place: StorePlace,
  options: { readonly readOnly: boolean } = { readOnly: false },
): Database {
  const db = new Kysely<Tables>({ dialect: openDialect(place, options) });
  return {
    kind: place.kind,
    db,
    transaction: (work) => repeat(() => db.transaction().execute(work)),
    snapshot: (work) =>
      place.kind === "postgres"
        ? db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only").execute(work)
        : db.transaction().execute(work),
    close: () => db.destroy(),
  };
}

/**
 * A file is written to, a number that nobody reads: only that tells a disk with room from a full one. Of a server it is asked, since
 * replicas that wrote one row would wait for each other.
 * @throws {StoreError} or what the driver throws.
 */
export async function requireWritable({ kind, db }: Database): Promise<void> {
  if (kind === "sqlite") {
    // a row that is set to what it holds is not written; the head of the file is. Source: SQLite, btree.c, sqlite3BtreeUpdateMeta
    await sql`pragma user_version = 0`.execute(db);
    return;
  }
  const asked = sql<{ readonly only: string }>`select current_setting('transaction_read_only') as only`;
  const { rows } = await asked.execute(db);
  if (rows[0]?.only === "off") return;
  throw new StoreError("The PostgreSQL server takes no changes: it is a standby, or set to read only.", {
    hint: "DATABASE_URL must lead to the primary.",
  });
}

function openDialect(place: StorePlace, { readOnly }: { readonly readOnly: boolean }) {
  if (place.kind === "postgres") {
    requireAddress(place.url);
    return createPostgresDialect(place.url);
  }
  const path = join(place.directory, "diagnose502.db");
  if (!readOnly) {
    requirePrivateDirectory(place.directory);
    requirePrivateFile(path);
  }
  try {
    return createSqliteDialect(openSqlite(path, { readOnly }), { readOnly });
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(`${path} cannot be opened: ${error instanceof Error ? error.message : error}.`, {
      hint: readOnly
        ? "Has the bot run here yet? Its state directory is DIAGNOSE502_STATE, else STATE_DIRECTORY, else ~/.local/state/diagnose502."
        : "If the file is damaged, move it away and restore it from a backup.",
      cause: error,
    });
  }
}

/** @throws {StoreError} which does not repeat the address: it may hold a password. */
function requireAddress(url: string): void {
  if (URL.canParse(url) && ["postgres:", "postgresql:"].includes(new URL(url).protocol)) return;
  throw new StoreError("DATABASE_URL is not the address of a PostgreSQL database.", {
    hint: "For example postgres://user:password@db.example.com:5432/diagnose502, with signs such as @ or / in the password as %40 or %2F.",
  });
}

/** Serialization failure and deadlock. Source: PostgreSQL manual, appendix A. */
const GIVEN_UP = ["40001", "40P01"];

async function repeat<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === MAX_TRIES || !isGivenUp(error)) throw error;
    }
  }
}

function isGivenUp(error: unknown): boolean {
  return error instanceof Error && "code" in error && GIVEN_UP.includes(String(error.code));
}
