import type { Selectable, Transaction } from "kysely";
import { z } from "zod";
import { AUDIT_KINDS, type AuditEntry, type AuditLog, type AuditRow, type Json } from "../incident/audit.ts";
import { type ChainedRow, type ChainHead, hashRow } from "../incident/audit-chain.ts";
import { canonicalJson } from "../incident/canonical-json.ts";
import type { Database } from "./database.ts";
import { parseRow } from "./parse-row.ts";
import { ActorRow } from "./person-row.ts";
import { storable } from "./storable.ts";
import type { Tables } from "./tables.ts";

const PAGE_SIZE = 500;

/** The log. Its rows are read as they are kept; that they hang together is for `verifyChain`. */
export function createAuditLog(database: Database, now: () => number): AuditLog {
  return {
    append: (entry) => database.transaction((trx) => appendAudit(trx, database.kind, [entry], now())),
    async *rows({ after, incident, limit = Number.POSITIVE_INFINITY } = {}) {
      let given = 0;
      for await (const row of readChain(database.db, { after, incident })) {
        if (given >= limit) return;
        given += 1;
        yield toAuditRow(row);
      }
    },
  };
}

/**
 * Adds rows to the chain, in the transaction of what they describe. Call it last: in a shared database all writers of the log queue
 * for its head from here to their commit.
 */
export async function appendAudit(
  trx: Transaction<Tables>,
  kind: Database["kind"],
  entries: readonly AuditEntry[],
  nowMs: number,
): Promise<void> {
  if (entries.length === 0) return;
  const head = trx.selectFrom("audit_head").select(["seq", "hash"]).where("id", "=", 1);
  let last: ChainHead = await (kind === "postgres" ? head.forUpdate() : head).executeTakeFirstOrThrow();
  const at = new Date(nowMs).toISOString();
  for (const entry of entries) {
    const row = chainRow(last, entry, at);
    await trx.insertInto("audit").values(toColumns(row)).execute();
    last = { seq: row.seq, hash: row.hash };
  }
  await trx.updateTable("audit_head").set(last).where("id", "=", 1).execute();
}

/** The rows as they are kept, oldest first, a page at a time. */
export async function* readChain(
  db: Pick<Database["db"], "selectFrom">,
  { after, incident }: { readonly after?: number | undefined; readonly incident?: number | undefined } = {},
): AsyncGenerator<ChainedRow> {
  let last = after;
  while (true) {
    let query = db.selectFrom("audit").selectAll().orderBy("seq").limit(PAGE_SIZE);
    // none by default: a row that somebody put before the first is one, too
    if (last !== undefined) query = query.where("seq", ">", last);
    if (incident !== undefined) query = query.where("incident", "=", incident);
    const page = await query.execute();
    for (const row of page) yield fromColumns(row);
    const end = page.at(-1);
    if (end === undefined || page.length < PAGE_SIZE) return;
    last = end.seq;
  }
}

function chainRow(previous: ChainHead, entry: AuditEntry, at: string): ChainedRow {
  const { kind, actor, incident, intent, details } = entry;
  const row = {
    seq: previous.seq + 1,
    at,
    kind,
    actor,
    ...(incident === undefined ? {} : { incident }),
    ...(intent === undefined ? {} : { intent: storable(intent) }),
    text: storable(entry.text),
    ...(details === undefined ? {} : { details }),
  };
  return { ...row, previousHash: previous.hash, hash: hashRow(previous.hash, row) };
}

function toColumns(row: ChainedRow) {
  return {
    seq: row.seq,
    at: row.at,
    kind: row.kind,
    actor_json: canonicalJson(row.actor),
    incident: row.incident ?? null,
    intent: row.intent ?? null,
    text: row.text,
    details_json: row.details === undefined ? null : canonicalJson(row.details),
    previous_hash: row.previousHash,
    hash: row.hash,
  };
}

function fromColumns(row: Selectable<Tables["audit"]>): ChainedRow {
  return {
    seq: row.seq,
    at: row.at,
    kind: row.kind,
    actor: parseOrKeep(row.actor_json),
    ...(row.incident === null ? {} : { incident: row.incident }),
    ...(row.intent === null ? {} : { intent: row.intent }),
    text: row.text,
    ...(row.details_json === null ? {} : { details: parseOrKeep(row.details_json) }),
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

/** What somebody broke is kept as it is: its hash will not fit, and that is what should be said about it. */
function parseOrKeep(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(value) === text ? value : text;
  } catch {
    return text;
  }
}

const Row = z.object({
  seq: z.int(),
  at: z.string(),
  kind: z.enum(AUDIT_KINDS),
  actor: ActorRow,
  incident: z.int().exactOptional(),
  intent: z.string().exactOptional(),
  text: z.string(),
  details: z.record(z.string(), z.json()).exactOptional(),
  previousHash: z.string(),
  hash: z.string(),
}) satisfies z.ZodType<AuditRow & { readonly details?: { readonly [key: string]: Json } }>;

function toAuditRow(row: ChainedRow): AuditRow {
  return parseRow(Row, row, `Row ${row.seq} of the audit log`);
}
