import { sql } from "kysely";
import type { StepCrashes } from "../incident/step-crashes.ts";
import type { Database } from "./database.ts";

/** One row for each step that was begun and has not come back. */
export function createStepCrashes({ db }: Database, now: () => number): StepCrashes {
  return {
    async begin(kind, id) {
      const begun_at = new Date(now()).toISOString();
      const { attempts } = await db
        .insertInto("step_crashes")
        .values({ kind, id, attempts: 1, begun_at })
        .onConflict((conflict) =>
          conflict
            .columns(["kind", "id"])
            .doUpdateSet({ attempts: sql<number>`step_crashes.attempts + 1`, begun_at }),
        )
        .returning("attempts")
        .executeTakeFirstOrThrow();
      return attempts;
    },

    async end(kind, id) {
      await db.deleteFrom("step_crashes").where("kind", "=", kind).where("id", "=", id).execute();
    },
  };
}
