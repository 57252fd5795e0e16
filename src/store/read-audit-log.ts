import { type AuditSnapshot, EMPTY_HEAD } from "../incident/audit-chain.ts";
import { readChain } from "./audit-store.ts";
import { openDatabase } from "./database.ts";
import { explainOpening } from "./store-error.ts";
import type { StorePlace } from "./store-place.ts";

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
        .executeTakeFirst();
      return await read({ head: head ?? EMPTY_HEAD, rows: readChain(trx) });
    });
  } catch (error) {
    throw explainOpening(place, error);
  } finally {
    await database.close();
  }
}
