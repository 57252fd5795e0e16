import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BackendPostgres } from "openworkflow/postgres";
import { BackendSqlite } from "openworkflow/sqlite";
import postgres, { type Options } from "postgres";
import { claimInTurn } from "./claim-in-turn.ts";
import type { StoreLock } from "./hold-lock.ts";
import { keepPrepared } from "./keep-prepared.ts";
import { createPostgresPool, type PostgresPool } from "./postgres-pool.ts";
import { requirePrivateDirectory, requirePrivateFile } from "./private-file.ts";
import { BUSY_TIMEOUT_MS, requirePragma } from "./sqlite-dialect.ts";
import { explainOpening, StoreError } from "./store-error.ts";
import type { StorePlace } from "./store-place.ts";

/** The schema of the engine's tables, where they share a database with ours. */
const SCHEMA = "diagnose502_engine";
/** Any number, the same for all replicas: who changes the engine's tables holds it. */
const MIGRATION_LOCK = 502_003;
/** Connections of a lane, for single statements and for transactions: one that is busy must not take those of another. */
const SHARED_A_LANE = 3;
const RESERVED_A_LANE = 2;

/** Each claim fails the runs that are past their deadline, and would read all that are under way to find them. Ours have none. */
const FIND_DEADLINES = `create index if not exists diagnose502_deadlines
  on workflow_runs (namespace_id, status, deadline_at) where deadline_at is not null`;

/** The engine's own memory, a namespace for each lane. It orders and waits; losing it loses no incident and no decision. */
export interface EngineBackends<Lane extends string> {
  readonly backends: Readonly<Record<Lane, BackendSqlite | BackendPostgres>>;
  /** What is to be tried again later may be tried now: the clock was set, and that time may be far. */
  retryNow(): Promise<void>;
  /** Forgets runs that ended before then. Gives how many. */
  removeRunsEndedBefore(time: string): Promise<number>;
  /** After the workers stopped. */
  close(): Promise<void>;
}

/**
 * Opens them in a file of their own beside the records, or in the same database. With the lock of the directory held, what a dead
 * predecessor was working on is taken up at once, instead of when its lease ends.
 * @throws {StoreError}
 */
export async function openEngineBackends<Lane extends string>(
  place: StorePlace,
  options: { readonly lanes: readonly Lane[]; readonly lock?: StoreLock },
): Promise<EngineBackends<Lane>> {
  switch (place.kind) {
    case "sqlite":
      try {
        return openInFile(place.directory, options);
      } catch (error) {
        throw explainOpening(place, error);
      }
    case "postgres":
      return await openInDatabase(place.url, options.lanes);
  }
}

function openInFile<Lane extends string>(
  directory: string,
  { lanes, lock }: { readonly lanes: readonly Lane[]; readonly lock?: StoreLock },
): EngineBackends<Lane> {
  requirePrivateDirectory(directory);
  const path = join(directory, "engine.db");
  requirePrivateFile(path);
  const backends = byLane(lanes, (namespaceId) => claimInTurn(BackendSqlite.connect(path, { namespaceId })));
  for (const backend of Object.values<BackendSqlite>(backends)) {
    const connection = connectionOf(backend);
    waitForOthers(connection);
    // it would prepare each of its statements each time
    Object.assign(connection, { prepare: keepPrepared(connection.prepare.bind(connection)) });
  }

  const own = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  own.exec(FIND_DEADLINES);
  if (lock?.directory === directory) giveBackLeases(own);
  return {
    backends,
    async retryNow() {
      own
        .prepare(
          "update workflow_runs set available_at = $now where status = 'pending' and available_at > $now",
        )
        .run({ now: new Date().toISOString() });
    },
    removeRunsEndedBefore: async (time) => {
      own
        .prepare(
          `delete from workflow_signals where exists (select 1 from workflow_runs run
             where run.namespace_id = workflow_signals.namespace_id and run.id = workflow_signals.workflow_run_id
               and run.finished_at < ?)`,
        )
        .run(time);
      // the steps of a run go with it
      return Number(own.prepare("delete from workflow_runs where finished_at < ?").run(time).changes);
    },
    async close() {
      own.close();
      for (const backend of Object.values<BackendSqlite>(backends)) await backend.stop();
    },
  };
}

/** The engine keeps its connection to itself, and sets no time to wait for another process's lock: a run would fail for good. */
function connectionOf(backend: BackendSqlite): DatabaseSync {
  const connection: unknown = Reflect.get(backend, "db");
  if (connection instanceof DatabaseSync) return connection;
  throw new StoreError("The engine's connection to SQLite is not where it was.", {
    hint: "Install the version of openworkflow that package.json names.",
  });
}

function waitForOthers(connection: DatabaseSync): void {
  connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  requirePragma(connection, "busy_timeout", BUSY_TIMEOUT_MS);
}

/** Whoever worked on these is dead: they may be claimed now. A run that waits has no worker and keeps its time. */
function giveBackLeases(connection: DatabaseSync): void {
  connection
    .prepare(
      "update workflow_runs set available_at = ?, worker_id = null where status = 'running' and worker_id is not null",
    )
    .run(new Date().toISOString());
}

async function openInDatabase<Lane extends string>(
  url: string,
  lanes: readonly Lane[],
): Promise<EngineBackends<Lane>> {
  await migrateEngine(url);
  const connect = (options: Options<never>) =>
    postgres(url, {
      ...options,
      connect_timeout: 10,
      onnotice: () => undefined,
      connection: {
        application_name: "diagnose502 engine",
        // as for the records: a replica that was paused must not hold up the others
        idle_in_transaction_session_timeout: 10_000,
      },
      // as the engine expects its rows
      transform: { column: { from: postgres.toCamel } },
    });
  const pools = byLane(lanes, () => createPostgresPool(connect, { max: RESERVED_A_LANE }));
  const backends = byLane(lanes, (lane) =>
    claimInTurn(
      BackendPostgres.fromPool(
        Object.assign(connect({ max: SHARED_A_LANE }), { reserve: pools[lane].reserve }),
        {
          namespaceId: lane,
          schema: SCHEMA,
        },
      ),
    ),
  );
  const own = postgres(url, { max: 1, idle_timeout: 30, onnotice: () => undefined });
  return {
    backends,
    async retryNow() {
      await own`
        update ${own(SCHEMA)}.workflow_runs set available_at = now() where status = 'pending' and available_at > now()`;
    },
    removeRunsEndedBefore: async (time) => {
      const schema = own(SCHEMA);
      await own`
        delete from ${schema}.workflow_signals signal using ${schema}.workflow_runs run
        where run.namespace_id = signal.namespace_id and run.id = signal.workflow_run_id and run.finished_at < ${time}`;
      const { count } = await own`delete from ${schema}.workflow_runs where finished_at < ${time}`;
      return count;
    },
    async close() {
      await own.end();
      for (const backend of Object.values<BackendPostgres>(backends)) await backend.stop();
      for (const pool of Object.values<PostgresPool>(pools)) await pool.end();
    },
  };
}

/** The engine's own migrations do not expect a second replica that starts at the same time. */
async function migrateEngine(url: string): Promise<void> {
  const lock = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => undefined });
  try {
    await lock`select pg_advisory_lock(${MIGRATION_LOCK})`;
    const backend = await BackendPostgres.connect(url, { schema: SCHEMA });
    await backend.stop();
  } finally {
    // with its session the lock ends
    await lock.end();
  }
}

function byLane<Lane extends string, Value>(
  lanes: readonly Lane[],
  open: (lane: Lane) => Value,
): Readonly<Record<Lane, Value>> {
  const opened: Partial<Record<Lane, Value>> = {};
  for (const lane of lanes) opened[lane] = open(lane);
  return opened as Record<Lane, Value>;
}
