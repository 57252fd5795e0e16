import type { ChainedRow, ChainHead } from "../incident/audit-chain.ts";
import { readChain } from "./audit-store.ts";
import { openDatabase } from "./database.ts";
import type { StorePlace } from "./store-place.ts";

/** The log as it stood at one moment. */
export interface AuditSnapshot {
  /** Its own note of where it ends. */
  readonly head: ChainHead;
  /** Oldest first. */
  readonly rows: AsyncIterable<ChainedRow>;
}

/**
 * Reads the log without the right to write, while the bot runs or not.
 * @throws {StoreError} where there is none.
 */
export async function readAuditLog<Result>(
  place: StorePlace,
  read: (log: AuditSnapshot) => Promise<Result>,
): Promise<Result> {
  const database = openDatabase(place, { readOnly: true });
  try {
    return await database.snapshot(async (trx) => {
      const head = await trx
        .selectFrom("audit_head")
        .select(["seq", "hash"])
        .where("id", "=", 1)
        .executeTakeFirstOrThrow();
      return await read({ head, rows: readChain(trx) });
    });
  } finally {
    await database.close();
  }
}
