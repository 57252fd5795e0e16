import type { Options, ReservedSql, Sql } from "postgres";

type Connect = (options: Options<never>) => Sql;

/** A connection that nobody else uses until it is released. Once it is lost everything sent to it throws. */
export interface HeldConnection extends ReservedSql {
  isLost(): boolean;
}

export interface PostgresPool {
  reserve(): Promise<HeldConnection>;
  end(): Promise<void>;
}

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
export function createPostgresPool(connect: Connect, { max }: { readonly max: number }): PostgresPool {
  const free = Array.from({ length: max }, open);
  const waiting: ((slot: Slot) => void)[] = [];
  let ended = false;

  function open(): Slot {
    const slot: Slot = { sql: connect({ max: 1, onclose }), isHeld: false, lost: undefined };
    function onclose() {
      if (slot.isHeld) lose(slot, new Error("The connection to the database was lost."));
    }
    return slot;
  }

  /** Another one takes its place at once: whoever holds it may never give it back. */
  function lose(slot: Slot, error: Error): void {
    if (slot.lost !== undefined) return;
    slot.lost = error;
    discard(slot);
    offer(open());
  }

  function offer(slot: Slot): void {
    slot.isHeld = false;
    if (ended) discard(slot);
    const first = waiting.shift();
    if (first === undefined) free.push(slot);
    else first(slot);
  }

  return {
    async reserve() {
      const slot = free.pop() ?? (await new Promise<Slot>((resolve) => waiting.push(resolve)));
      slot.isHeld = true;
      return guard(slot, {
        onLoss: (error) => lose(slot, error),
        release() {
          if (slot.lost === undefined) offer(slot);
        },
      });
    },
    async end() {
      ended = true;
      await Promise.all(free.map(({ sql }) => sql.end()));
    },
  };
}

/** What it still has to say is of no interest. */
function discard({ sql }: Slot): void {
  sql.end({ timeout: 0 }).catch(() => undefined);
}

/** What was sent after the loss would run outside its transaction, on the next connection. */
function guard(
  slot: Slot,
  { onLoss, release }: { readonly onLoss: (error: Error) => void; readonly release: () => void },
): HeldConnection {
  const watched = new Proxy(slot.sql.unsafe, {
    apply(unsafe, self, words) {
      if (slot.lost !== undefined) throw slot.lost;
      const pending = Reflect.apply(unsafe, self, words);
      pending.catch((error: unknown) => {
        if (isLoss(error)) onLoss(error);
      });
      return pending;
    },
  });
  const guarded = new Proxy(slot.sql, {
    apply(sql, self, words) {
      if (slot.lost !== undefined) throw slot.lost;
      return Reflect.apply(sql, self, words);
    },
    get: (sql, name) => (name === "unsafe" ? watched : Reflect.get(sql, name)),
  });
  return Object.assign(guarded, { release, isLost: () => slot.lost !== undefined });
}

/** An error of the connection, or one after which the server closes it. */
function isLoss(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return "errno" in error || ("severity" in error && ["FATAL", "PANIC"].includes(String(error.severity)));
}
