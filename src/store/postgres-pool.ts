import type { PostgresJSDialectConfig } from "kysely-postgres-js";
import type { Options, Sql } from "postgres";

/** What Kysely's dialect asks of a pool, and of one connection of it. */
type Pool = Exclude<PostgresJSDialectConfig["postgres"], (...args: never[]) => unknown>;
type Connection = Awaited<ReturnType<Pool["reserve"]>>;
type Connect = (options: Options<never>) => Sql;

/** One connection: opened when it is first used, and again when it was lost while nobody held it. */
interface Slot {
  readonly sql: Sql;
  isHeld: boolean;
  /** Why it is not used again. */
  lost: Error | undefined;
}

/**
 * A pool of single connections. The driver's own `reserve` cannot be trusted through an outage: what is written to a connection that was lost
 * throws where nothing can catch it, and a reservation that failed takes a connection with it for good.
 * Source: github.com/porsager/postgres, issue 1208; `reserve` and `onclose` in its src/index.js.
 */
export function createPostgresPool(connect: Connect, { max }: { readonly max: number }): Pool {
  const free = Array.from({ length: max }, () => openSlot(connect));
  const waiting: ((slot: Slot) => void)[] = [];
  let ended = false;

  function giveBack(slot: Slot): void {
    slot.isHeld = false;
    if (slot.lost !== undefined || ended) slot.sql.end({ timeout: 0 }).catch(() => undefined);
    const next = slot.lost === undefined ? slot : openSlot(connect);
    const first = waiting.shift();
    if (first === undefined) free.push(next);
    else first(next);
  }

  return {
    options: { max },
    async reserve() {
      const slot = free.pop() ?? (await new Promise<Slot>((resolve) => waiting.push(resolve)));
      slot.isHeld = true;
      return { unsafe: createSend(slot), release: () => giveBack(slot) };
    },
    async end() {
      ended = true;
      await Promise.all(free.map(({ sql }) => sql.end()));
    },
  };
}

function openSlot(connect: Connect): Slot {
  const slot: Slot = {
    sql: connect({
      max: 1,
      onclose() {
        if (slot.isHeld) slot.lost ??= new Error("The connection to the database was lost.");
      },
    }),
    isHeld: false,
    lost: undefined,
  };
  return slot;
}

/** Sends statements on the connection. Once it is lost nothing is sent: it would run outside its transaction, on the next connection. */
function createSend(slot: Slot): Connection["unsafe"] {
  return (query, parameters = [], options = {}) => {
    if (slot.lost !== undefined) {
      if (query === "rollback") return rolledBack();
      throw slot.lost;
    }
    const pending = slot.sql.unsafe(query, parameters, options);
    pending.catch((error: unknown) => {
      if (isLoss(error)) slot.lost = error;
    });
    return pending;
  };
}

/** The server did it when the connection ended. */
function rolledBack(): ReturnType<Connection["unsafe"]> {
  const result = Object.assign([], { command: "ROLLBACK", count: 0 });
  return Object.assign(Promise.resolve(result), { cancel: () => undefined });
}

/** An error of the connection, or one after which the server closes it. */
function isLoss(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return "errno" in error || ("severity" in error && ["FATAL", "PANIC"].includes(String(error.severity)));
}
