import { createHash } from "node:crypto";
import { z } from "zod";
import type { AlertInbox, StoredAlert } from "../intake/alert.ts";
import type { Database } from "./database.ts";
import { jsonOf, optional, parseRow } from "./parse-row.ts";

/** How long the same delivery or proof counts as a repetition. */
const REPEAT_WINDOW_MS = 15 * 60_000;

/** Alerts, stored before their sender is answered. */
export function createAlertInbox(database: Database, now: () => number): AlertInbox {
  const { db } = database;
  return {
    store: (delivery, alerts) =>
      database.transaction(async (trx) => {
        const { at, repeatsUntil } = window(now());
        const fresh = await trx
          .insertInto("deliveries")
          .values({ id: digestOf(delivery.source, delivery.key), received_at: at })
          .onConflict((conflict) =>
            conflict
              .column("id")
              .doUpdateSet({ received_at: at })
              .where("deliveries.received_at", "<=", repeatsUntil),
          )
          .returning("id")
          .executeTakeFirst();
        if (fresh === undefined) return { isRepeat: true, ids: [] };
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

function window(nowMs: number): { readonly at: string; readonly repeatsUntil: string } {
  return {
    at: new Date(nowMs).toISOString(),
    repeatsUntil: new Date(nowMs - REPEAT_WINDOW_MS).toISOString(),
  };
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
