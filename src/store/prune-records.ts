import type { Database } from "./database.ts";

const DAY_MS = 24 * 60 * 60_000;

/** How long what is kept may be read. The audit log and the diagnoses themselves are never removed. */
const KEPT_DAYS = {
  evidence: 90,
  handledAlerts: 90,
  unfinishedSteps: 30,
  /** Far beyond the minutes in which the same one counts as a repetition. */
  deliveries: 1,
} as const;

/** Of evidence, which is large: the rest of the bot waits meanwhile. */
const BATCH = 50;

/** Removes what is past its time. */
export async function pruneRecords({ db }: Database, nowMs: number): Promise<void> {
  const before = (days: number) => new Date(nowMs - days * DAY_MS).toISOString();
  while (true) {
    const { numUpdatedRows } = await db
      .updateTable("diagnoses")
      .set({ evidence: null })
      .where("id", "in", ({ selectFrom }) =>
        selectFrom("diagnoses")
          .select("id")
          .where("evidence", "is not", null)
          .where("made_at", "<", before(KEPT_DAYS.evidence))
          .limit(BATCH),
      )
      .executeTakeFirst();
    if (numUpdatedRows < BATCH) break;
  }
  await db.deleteFrom("alerts").where("handled_at", "<", before(KEPT_DAYS.handledAlerts)).execute();
  await db.deleteFrom("step_crashes").where("begun_at", "<", before(KEPT_DAYS.unfinishedSteps)).execute();
  await db.deleteFrom("deliveries").where("received_at", "<", before(KEPT_DAYS.deliveries)).execute();
  await db.deleteFrom("proofs").where("seen_at", "<", before(KEPT_DAYS.deliveries)).execute();
}
