import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
import { z } from "zod";
import type { AlertInbox, StoredAlert } from "../intake/alert.ts";
import type { Database } from "./database.ts";
import { jsonOf, optional, parseRow } from "./parse-row.ts";
import type { Tables } from "./tables.ts";

/** How long the same delivery or proof counts as a repetition. */
const REPEAT_WINDOW_MS = 15 * 60_000;
/** A sender whose alert still fires sends the same bytes again; sooner than this it is a second try, or somebody who has recorded them. */
const FIRES_ANEW_AFTER_MS = 2 * 60_000;

/** Alerts, stored before their sender is answered. */
export function createAlertInbox(database: Database, now: () => number): AlertInbox {
  const { db } = database;
  return {
    store: (delivery, alerts) =>
      database.transaction(async (trx) => {
        const { at, repeatsUntil, firesAnewUntil } = window(now());
        const id = digestOf(delivery.source, delivery.key);
        const isNew =
          (await isFirst(trx, { id, at, since: repeatsUntil })) ||
          ((await hasEnded(trx, alerts, repeatsUntil)) &&
            (await isFirst(trx, { id, at, since: firesAnewUntil })));
        if (!isNew) return { isRepeat: true, ids: [] };
        if (alerts.length === 0) return { isRepeat: false, ids: [] };
        const rows = await trx
          .insertInto("alerts")
          .values(
            alerts.map(({ alert, site }) => ({
              series: digestOf(alert.source, alert.fingerprint),
              site: site ?? null,
              alert_json: JSON.stringify(alert),
              received_at: at,
            })),
          )
          .returning("id")
          .execute();
        return { isRepeat: false, ids: rows.map(({ id }) => id) };
      }),

    async pending(limit) {
      const rows = await db
        .selectFrom("alerts")
        .selectAll()
        .where("handled_at", "is", null)
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map((row) => parseRow(AlertRow, row, `Alert ${row.id}`));
    },

    async markHandled(id, incident) {
      await db
        .updateTable("alerts")
        .set({ handled_at: new Date(now()).toISOString(), ...(incident === undefined ? {} : { incident }) })
        .where("id", "=", id)
        .execute();
    },

    async incidentOf(source, fingerprint) {
      const row = await db
        .selectFrom("alerts")
        .select("incident")
        .where("series", "=", digestOf(source, fingerprint))
        .where("incident", "is not", null)
        .orderBy("id", "desc")
        .executeTakeFirst();
      return row?.incident ?? undefined;
    },

    async othersFire(incident, { source, fingerprint }) {
      const rows = await db
        .selectFrom("alerts")
        .selectAll()
        .where("incident", "=", incident)
        .where("series", "<>", digestOf(source, fingerprint))
        .orderBy("id", "asc")
        .execute();
      const last = new Map(rows.map((row) => [row.series, row]));
      return [...last.values()].some(
        (row) => parseRow(AlertRow, row, `Alert ${row.id}`).alert.status === "firing",
      );
    },

    async isNewProof(proof) {
      const { at, repeatsUntil } = window(now());
      const fresh = await db
        .insertInto("proofs")
        .values({ proof, seen_at: at })
        .onConflict((conflict) =>
          conflict.column("proof").doUpdateSet({ seen_at: at }).where("proofs.seen_at", "<=", repeatsUntil),
        )
        .returning("proof")
        .executeTakeFirst();
      return fresh !== undefined;
    },
  };
}

/** Of many at once one is the first. */
async function isFirst(
  trx: Transaction<Tables>,
  { id, at, since }: { readonly id: string; readonly at: string; readonly since: string },
): Promise<boolean> {
  const row = await trx
    .insertInto("deliveries")
    .values({ id, received_at: at })
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet({ received_at: at }).where("deliveries.received_at", "<=", since),
    )
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether an incident that one of the firing alerts opened or joined is closed: firing still, it says that the site is not well after all. */
async function hasEnded(
  trx: Transaction<Tables>,
  alerts: Parameters<AlertInbox["store"]>[1],
  since: string,
): Promise<boolean> {
  const firing = alerts.filter(({ alert }) => alert.status === "firing");
  if (firing.length === 0) return false;
  const rows = await trx
    .selectFrom("alerts")
    .innerJoin("incidents", "incidents.number", "alerts.incident")
    .select(["alerts.series", "incidents.state"])
    .where("alerts.incident", "is not", null)
    .where("alerts.received_at", ">", since)
    .where(
      "alerts.series",
      "in",
      firing.map(({ alert }) => digestOf(alert.source, alert.fingerprint)),
    )
    .orderBy("alerts.id", "asc")
    .execute();
  const last = new Map(rows.map(({ series, state }) => [series, state]));
  return [...last.values()].includes("closed");
}

function window(nowMs: number) {
  const ago = (ms: number) => new Date(nowMs - ms).toISOString();
  return { at: ago(0), repeatsUntil: ago(REPEAT_WINDOW_MS), firesAnewUntil: ago(FIRES_ANEW_AFTER_MS) };
}

/** Foreign words of any length as a key of one length. */
function digestOf(source: string, key: string): string {
  return createHash("sha256")
    .update(JSON.stringify([source, key]))
    .digest("hex");
}

const AlertRow = z
  .object({
    id: z.int(),
    site: z.string().nullable(),
    received_at: z.string(),
    alert_json: jsonOf(
      z.object({
        source: z.string(),
        status: z.enum(["firing", "resolved"]),
        fingerprint: z.string(),
        candidates: z.array(z.string()),
        title: z.string(),
        statusCode: z.number().exactOptional(),
        startedAt: z.string().exactOptional(),
      }),
    ),
  })
  .transform(
    ({ id, site, received_at, alert_json }): StoredAlert => ({
      id,
      alert: alert_json,
      ...optional("site", site),
      receivedAt: received_at,
    }),
  );
