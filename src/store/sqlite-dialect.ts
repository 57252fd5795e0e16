import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from "kysely";
import { createTurnstile } from "../turnstile.ts";
import { keepPrepared } from "./keep-prepared.ts";
import { explainWriting, StoreError } from "./store-error.ts";

/** How long a statement waits for another process's lock. Without it, a stranger that writes 2 ms in every 50 ms loses us writes. */
export const BUSY_TIMEOUT_MS = 5000;

/** Opens one file with the settings that everything here relies on, and makes sure of them. */
export function openSqlite(path: string, options: { readonly readOnly: boolean }): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: options.readOnly, timeout: BUSY_TIMEOUT_MS });
  try {
    if (!options.readOnly) {
      database.exec("PRAGMA journal_mode = WAL");
      database.exec("PRAGMA synchronous = FULL");
      requirePragma(database, "journal_mode", "wal");
      requirePragma(database, "synchronous", 2);
    }
    database.exec("PRAGMA foreign_keys = ON");
    requirePragma(database, "busy_timeout", BUSY_TIMEOUT_MS);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** @throws {StoreError} when the database does not hold the setting. */
export function requirePragma(
  database: Pick<DatabaseSync, "prepare">,
  name: string,
  expected: string | number,
): void {
  const row = database.prepare(`PRAGMA ${name}`).get();
  const [found] = Object.values(row ?? {});
  if (found === expected) return;
  throw new StoreError(`SQLite's ${name} is ${String(found)}, and ${expected} is needed.`, {
    hint: "The state directory must be on a local disk: network file systems do not support it.",
  });
}

/** Kysely's own dialect over Node's own driver. */
export function createSqliteDialect(database: DatabaseSync, options: { readonly readOnly: boolean }) {
  const config: SqliteDialectConfig = {
    database: {
      close: () => database.close(),
      prepare: keepPrepared((sql) => makeStatement(database.prepare(sql))),
    },
  };
  return new NodeSqliteDialect(config, { ...options, database });
}

interface DialectOptions {
  readonly readOnly: boolean;
  readonly database: DatabaseSync;
}

class NodeSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;
  readonly #options: DialectOptions;

  constructor(config: SqliteDialectConfig, options: DialectOptions) {
    super(config);
    this.#config = config;
    this.#options = options;
  }

  override createDriver(): Driver {
    const { readOnly, database } = this.#options;
    return readOnly ? new OneByOneDriver(this.#config) : new WritingDriver(this.#config, database);
  }

  override createAdapter(): SqliteAdapter {
    return new OneByOneAdapter();
  }
}

/** Kysely's own lock wakes everybody who waits each time it is free; ours is in the driver. */
class OneByOneAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class OneByOneDriver extends SqliteDriver {
  readonly #turnstile = createTurnstile();

  override async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turnstile.enter();
    return await super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    this.#turnstile.leave();
  }
}

class WritingDriver extends OneByOneDriver {
  readonly #database: DatabaseSync;

  constructor(config: SqliteDialectConfig, database: DatabaseSync) {
    super(config);
    this.#database = database;
  }

  /** What reads first and writes later fails at once when another process wrote between: the lock is taken at the begin. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  /** On a full disk SQLite has rolled back already; an error about that would hide the one that tells why. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await super.rollbackTransaction(connection);
  }
}

function makeStatement(statement: StatementSync) {
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) => explained(() => statement.all(...parameters.map(toSqlite))),
    run: (parameters: readonly unknown[]) => explained(() => statement.run(...parameters.map(toSqlite))),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...parameters.map(toSqlite)),
  };
}

function explained<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw explainWriting(error);
  }
}

function toSqlite(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint" || value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite cannot store a ${typeof value}.`);
}
