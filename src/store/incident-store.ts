import { sql, type Transaction } from "kysely";
import type { IncidentChange, Incidents } from "../incident/incidents.ts";
import { appendAudit } from "./audit-store.ts";
import type { Database } from "./database.ts";
import { toIncident, toNote } from "./incident-row.ts";
import { storable } from "./storable.ts";
import type { Tables } from "./tables.ts";
import { addNotes } from "./write-incident.ts";

/** Any number, the same for all replicas: who opens an incident holds it, so that numbers have no gaps. */
const OPENING_LOCK = 502_002;

type IncidentRows = Pick<Incidents, "openOrJoin" | "find" | "findOpen" | "list" | "change" | "notes">;

/** Incidents and their notes. Transactions lock intents, then incidents, then the audit log's head: never the other way round. */
export function createIncidents(database: Database, now: () => number): IncidentRows {
  const { db, kind } = database;
  return {
    openOrJoin: (request, audit) =>
      database.transaction(async (trx) => {
        if (kind === "postgres")
          await sql`select pg_advisory_xact_lock(${sql.lit(OPENING_LOCK)})`.execute(trx);
        const open = await selectOpen(trx, request.site);
        if (open !== undefined) return { incident: toIncident(open), isNew: false };
        const at = now();
        const row = await insertIncident(trx, request, at);
        await appendAudit(trx, kind, [{ ...audit, incident: row.number }], at);
        return { incident: toIncident(row), isNew: true };
      }),

    async find(number) {
      const row = await db
        .selectFrom("incidents")
        .selectAll()
        .where("number", "=", number)
        .executeTakeFirst();
      return row && toIncident(row);
    },

    async findOpen(site) {
      const row = await selectOpen(db, site);
      return row && toIncident(row);
    },

    async list({ state, isDue, limit }) {
      let query = db
        .selectFrom("incidents")
        .selectAll()
        // "open" sorts after "closed"
        .orderBy("state", "desc")
        .orderBy("number", "desc")
        .limit(limit);
      if (state !== undefined) query = query.where("state", "=", state);
      if (isDue === true) query = query.whereRef("looks_wanted", ">", "looks_done");
      return (await query.execute()).map(toIncident);
    },

    change: (number, change, audit, options = {}) =>
      database.transaction(async (trx) => {
        const nowMs = now();
        const at = new Date(nowMs).toISOString();
        let update = trx.updateTable("incidents").set(columnsOf(change, at)).where("number", "=", number);
        if (options.whenOpen === true) update = update.where("state", "=", "open");
        const changed = await update.returning("number").executeTakeFirst();
        if (changed === undefined) return undefined;
        const row = await addNotes(trx, number, change.notes ?? [], { at, silent: change.silent === true });
        await appendAudit(
          trx,
          kind,
          audit.map((entry) => ({ incident: number, ...entry })),
          nowMs,
        );
        return toIncident(row);
      }),

    async notes(number, { after = 0 } = {}) {
      const rows = await db
        .selectFrom("notes")
        .selectAll()
        .where("incident", "=", number)
        .where("seq", ">", after)
        .orderBy("seq")
        .execute();
      return rows.map(toNote);
    },
  };
}

async function selectOpen(db: Pick<Database["db"], "selectFrom">, site: string) {
  return await db
    .selectFrom("incidents")
    .selectAll()
    .where("site", "=", site)
    .where("state", "=", "open")
    .executeTakeFirst();
}

async function insertIncident(
  trx: Transaction<Tables>,
  { site, url, openedBy, title }: Parameters<Incidents["openOrJoin"]>[0],
  nowMs: number,
) {
  return await trx
    .insertInto("incidents")
    .values(({ selectFrom, fn, lit }) => ({
      number: selectFrom("incidents").select(
        sql<number>`${fn.coalesce(fn.max("number"), lit(0))} + 1`.as("next"),
      ),
      site,
      url,
      state: "open",
      opened_at: new Date(nowMs).toISOString(),
      opened_by_json: JSON.stringify(openedBy),
      asked_by_json: JSON.stringify(openedBy),
      title: title === undefined ? null : storable(title),
      closed_at: null,
      closed_because: null,
      version: 1,
      looks_wanted: 1,
      looks_done: 0,
      good_probes: 0,
      diagnosis: null,
      failure_json: null,
      obstacle_json: null,
      notes: 0,
    }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Absent keys stay as they are. The version is counted by `addNotes`. */
function columnsOf(change: IncidentChange, at: string) {
  const { state, closedBecause, wantLook, looksDone, diagnosis, failure, obstacle, goodProbes } = change;
  return {
    // a change of nothing but notes still has to find its row
    notes: sql<number>`notes`,
    ...(state === undefined ? {} : { state, closed_at: at }),
    ...(closedBecause === undefined ? {} : { closed_because: storable(closedBecause) }),
    ...(wantLook === undefined
      ? {}
      : { looks_wanted: sql<number>`looks_wanted + 1`, asked_by_json: JSON.stringify(wantLook.by) }),
    ...(looksDone === undefined ? {} : { looks_done: looksDone }),
    ...(diagnosis === undefined ? {} : { diagnosis }),
    ...(failure === undefined ? {} : { failure_json: jsonOrNull(failure) }),
    ...(obstacle === undefined ? {} : { obstacle_json: jsonOrNull(obstacle) }),
    ...(goodProbes === undefined ? {} : { good_probes: goodProbes }),
  };
}

function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
