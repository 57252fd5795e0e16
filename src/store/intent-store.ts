import { type Selectable, sql, type Transaction } from "kysely";
import type { Decision, Intent } from "../approval/intent.ts";
import type { Intents, IntentUpdate, SentHistory } from "../approval/intents.ts";
import type { AuditEntry } from "../incident/audit.ts";
import type { NewNote } from "../incident/incident.ts";
import { appendAudit } from "./audit-store.ts";
import type { Database } from "./database.ts";
import { offerJson, toIntent } from "./intent-row.ts";
import { storable } from "./storable.ts";
import type { Tables } from "./tables.ts";
import { addNotes } from "./write-incident.ts";

type IntentRow = Selectable<Tables["intents"]>;

/** The restarts that were offered. A move is one conditional UPDATE, so that exactly one caller makes it. */
export function createIntents(database: Database, now: () => number): Intents {
  const { db, kind } = database;

  /** What every change of an intent brings along. */
  async function tell(
    trx: Transaction<Tables>,
    { key, incident }: Pick<Intent, "key" | "incident">,
    audit: AuditEntry,
    notes: readonly NewNote[],
  ) {
    const nowMs = now();
    const row = await addNotes(trx, incident, notes, { at: new Date(nowMs).toISOString(), silent: false });
    await appendAudit(trx, kind, [{ incident, intent: key, ...audit }], nowMs);
    return row;
  }

  return {
    create: async (intent, audit, notes) => {
      const made = await orNothing(database, async (trx) => {
        const row = await trx
          .insertInto("intents")
          .values({
            key: intent.key,
            incident: intent.incident,
            host: intent.host,
            service_id: intent.identity.id,
            state: intent.state,
            created_at: intent.createdAt,
            approvals_needed: intent.approvalsNeeded,
            offer_json: offerJson(intent),
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning("key")
          .executeTakeFirst();
        if (row === undefined) throw new NothingDone();
        const incident = await tell(trx, intent, audit, notes);
        // it ended while the host was read: nobody is asked about it any more
        if (incident.state === "closed") throw new NothingDone();
        return true;
      });
      return made ?? false;
    },

    async find(key) {
      const [intent] = await withDecisions(db, await selectIntents(db).where("key", "=", key).execute());
      return intent;
    },

    async ofIncident(incident) {
      return await withDecisions(db, await selectIntents(db).where("incident", "=", incident).execute());
    },

    async open() {
      const rows = await selectIntents(db)
        .where(({ or, and, eb }) =>
          or([
            eb("state", "in", ["awaiting", "approved", "sent"]),
            // sent and done, and not proven either way yet: somebody still has to
            and([eb("state", "=", "done"), or([eb("verified", "is", null), eb("verified", "=", "running")])]),
          ]),
        )
        .execute();
      return await withDecisions(db, rows);
    },

    async createdSince(since) {
      const rows = await selectIntents(db)
        .where("created_at", ">=", since)
        .orderBy("created_at", "desc")
        .execute();
      return await withDecisions(db, rows);
    },

    sent: (history) => sent(db, history),

    decide: (key, decision, { from, to, ...update }, audit, notes) =>
      orNothing(database, async (trx) => {
        const row = await moveRow(trx, key, { from: [from], to, update });
        if (!(await insertDecision(trx, key, decision))) throw new NothingDone();
        const [intent] = await withDecisions(trx, [row]);
        if (intent === undefined || !isEnough(intent)) throw new NothingDone();
        await tell(trx, intent, audit, notes);
        return intent;
      }),

    move: (key, { from, to, ...update }, audit, notes, guard) =>
      orNothing(database, async (trx) => {
        const row = await moveRow(trx, key, { from, to, update });
        const [intent] = await withDecisions(trx, [row]);
        if (intent === undefined) throw new NothingDone();
        await tell(trx, intent, audit, notes);
        // the row of the log is written: whoever claims another one waits for it until this is stored
        if (guard !== undefined && !guard.allows(await sent(trx, guard.history))) throw new NothingDone();
        return intent;
      }),
  };
}

/** Somebody was first: what this transaction did so far is undone. */
class NothingDone extends Error {}

async function orNothing<Result>(
  database: Database,
  work: (trx: Transaction<Tables>) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await database.transaction(work);
  } catch (error) {
    if (error instanceof NothingDone) return undefined;
    throw error;
  }
}

async function moveRow(
  trx: Transaction<Tables>,
  key: string,
  move: { readonly from: readonly string[]; readonly to: string; readonly update: IntentUpdate },
): Promise<IntentRow> {
  const { verification } = move.update;
  return await trx
    .updateTable("intents")
    .set({ state: move.to, ...columnsOf(move.update) })
    .where("key", "=", key)
    .where("state", "in", move.from)
    .$if(verification !== undefined, (update) =>
      update.where(
        ({ fn, val }) => fn.coalesce("verified", val("none")),
        "in",
        verification?.lifted === undefined ? ["none", "running"] : ["unproven"],
      ),
    )
    .returningAll()
    .executeTakeFirstOrThrow(() => new NothingDone());
}

/** False when this person has decided already. Whoever approved may still say no, never the other way round. */
async function insertDecision(
  trx: Transaction<Tables>,
  intent: string,
  decision: Decision,
): Promise<boolean> {
  const { surface, workspace, id, name } = decision.person;
  const made = await trx
    .insertInto("decisions")
    .values({
      intent,
      surface,
      workspace,
      person: id,
      name: storable(name),
      answer: decision.answer,
      at: decision.at,
    })
    .onConflict((conflict) =>
      decision.answer === "approve"
        ? conflict.doNothing()
        : conflict
            .columns(["intent", "surface", "workspace", "person"])
            .doUpdateSet({ answer: decision.answer, at: decision.at }),
    )
    .returning("intent")
    .executeTakeFirst();
  return made !== undefined;
}

/**
 * Whether the state fits the approvals that are there. It does not when somebody else decided between the caller's reading and now: then
 * nothing is done, and the caller reads again.
 */
function isEnough({ state, decisions, approvalsNeeded }: Intent): boolean {
  const approvals = decisions.filter(({ answer }) => answer === "approve").length;
  switch (state) {
    case "approved":
      return approvals >= approvalsNeeded;
    case "awaiting":
      return approvals < approvalsNeeded;
    default:
      return true;
  }
}

function columnsOf(update: IntentUpdate) {
  const { approvedAt, sendBy, sentAt, endedAt, outcome, hint, verification } = update;
  return {
    ...(approvedAt === undefined ? {} : { approved_at: approvedAt }),
    ...(sendBy === undefined ? {} : { send_by: sendBy }),
    ...(sentAt === undefined ? {} : { sent_at: sentAt }),
    ...(endedAt === undefined ? {} : { ended_at: endedAt }),
    ...(outcome === undefined ? {} : { outcome: storable(outcome) }),
    ...(hint === undefined ? {} : { hint: storable(hint) }),
    ...(verification === undefined
      ? {}
      : {
          verification_json: JSON.stringify(verification),
          verified: verification.lifted === undefined ? verification.status : "lifted",
        }),
  };
}

/** Newest first. */
function selectIntents(db: Database["db"]) {
  return db.selectFrom("intents").selectAll().orderBy("created_at", "desc").orderBy("key");
}

async function sent(
  db: Pick<Database["db"], "selectFrom">,
  { since, unsettledSince }: SentHistory,
): Promise<readonly Intent[]> {
  const all = db.selectFrom("intents").selectAll().orderBy("sent_at", "desc");
  const recent = await all.where("sent_at", ">=", since).execute();
  const unsettled = await all
    .where("sent_at", "<", since)
    .where("sent_at", ">=", unsettledSince)
    // word for word the condition of the index
    .where(({ or, eb }) =>
      or([eb("state", "=", sql.lit("unknown")), eb("verified", "=", sql.lit("unproven"))]),
    )
    .execute();
  return await withDecisions(db, [...recent, ...unsettled]);
}

async function withDecisions(
  db: Pick<Database["db"], "selectFrom">,
  rows: readonly IntentRow[],
): Promise<readonly Intent[]> {
  if (rows.length === 0) return [];
  const decisions = await db
    .selectFrom("decisions")
    .selectAll()
    .where(
      "intent",
      "in",
      rows.map(({ key }) => key),
    )
    .orderBy("at")
    .orderBy("person")
    .execute();
  const byIntent = Map.groupBy(decisions, ({ intent }) => intent);
  return rows.map((row) => toIntent(row, byIntent.get(row.key) ?? []));
}
