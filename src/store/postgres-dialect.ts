import { PostgresJSDialect } from "kysely-postgres-js";
import postgres from "postgres";
import { createPostgresPool, type HeldConnection } from "./postgres-pool.ts";

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
  return new PostgresJSDialect({
    postgres: () => ({
      options: { max: MAX_CONNECTIONS },
      end: pool.end,
      reserve: async () => forKysely(await pool.reserve()),
    }),
  });
}

/** A lost connection was rolled back by the server; an error about that would hide the one that tells why. */
function forKysely(connection: HeldConnection): Pick<HeldConnection, "unsafe" | "release"> {
  const unsafe = new Proxy(connection.unsafe, {
    apply: (send, self, words) =>
      words[0] === "rollback" && connection.isLost() ? rolledBack() : Reflect.apply(send, self, words),
  });
  return { unsafe, release: connection.release };
}

function rolledBack() {
  const result = Object.assign([], { command: "ROLLBACK", count: 0 });
  return Object.assign(Promise.resolve(result), { cancel: () => undefined });
}
