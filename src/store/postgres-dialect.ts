import { PostgresJSDialect } from "kysely-postgres-js";
import postgres from "postgres";
import { createPostgresPool } from "./postgres-pool.ts";

/** The schema of our own tables. */
export const SCHEMA = "diagnose502";

const MAX_CONNECTIONS = 10;

/** Kysely's dialect over `postgres`; its connections look into our schema. */
export function createPostgresDialect(url: string): PostgresJSDialect {
  const pool = createPostgresPool(
    (options) =>
      postgres(url, {
        ...options,
        connect_timeout: 10,
        onnotice: () => undefined,
        connection: {
          application_name: "diagnose502",
          search_path: SCHEMA,
          statement_timeout: 30_000,
          // a replica that was paused within a transaction must not hold up the others
          idle_in_transaction_session_timeout: 10_000,
        },
      }),
    { max: MAX_CONNECTIONS },
  );
  return new PostgresJSDialect({ postgres: () => pool });
}
