import { sql } from "kysely";
import type { Incidents } from "../incident/incidents.ts";
import type { Place } from "../incident/person.ts";
import type { Database } from "./database.ts";
import { toPost } from "./incident-row.ts";

type PostRows = Pick<
  Incidents,
  "ensurePost" | "posts" | "findPost" | "claimPost" | "savePost" | "incidentsWithDuePosts"
>;

/** The messages of incidents. */
export function createPosts({ db, transaction }: Database, now: () => number): PostRows {
  return {
    ensurePost: (incident, place, { anew = false } = {}) =>
      transaction(async (trx) => {
        // another row, because platforms know a message again by it
        if (anew) await deleteGone(trx, place).where("incident", "=", incident).execute();
        // changes nothing, and holds off whoever would change it until this post is there to be told
        const { version, notes } = await trx
          .updateTable("incidents")
          .set({ version: sql`version` })
          .where("number", "=", incident)
          .returning(["version", "notes"])
          .executeTakeFirstOrThrow();
        const wanted = { wanted_version: version, wanted_notes: notes };
        await trx
          .insertInto("posts")
          .values({ incident, ...place, shown_version: 0, notes_shown: 0, gone: 0, ...wanted })
          .onConflict((conflict) =>
            conflict.columns(["incident", "surface", "workspace", "channel"]).doNothing(),
          )
          .execute();
        return toPost(await selectAt(trx, place).where("incident", "=", incident).executeTakeFirstOrThrow());
      }),

    async posts(incident) {
      const rows = await db
        .selectFrom("posts")
        .selectAll()
        .where("incident", "=", incident)
        .orderBy("id")
        .execute();
      return rows.map(toPost);
    },

    async findPost(place, messageId) {
      const row = await selectAt(db, place).where("message_id", "=", messageId).executeTakeFirst();
      return row && toPost(row);
    },

    async claimPost(id, holder, holdMs) {
      const nowMs = now();
      const row = await db
        .updateTable("posts")
        .set({ claimed_by: holder, claimed_until: new Date(nowMs + holdMs).toISOString() })
        .where("id", "=", id)
        .where("gone", "=", 0)
        .where(({ or, eb }) =>
          or([
            eb("claimed_by", "is", null),
            eb("claimed_by", "=", holder),
            eb("claimed_until", "<=", new Date(nowMs).toISOString()),
            // by a clock that was set back since
            eb("claimed_until", ">", new Date(nowMs + 2 * holdMs).toISOString()),
          ]),
        )
        .returningAll()
        .executeTakeFirst();
      if (row !== undefined) return { kind: "ours", post: toPost(row) };
      const known = await db.selectFrom("posts").select("gone").where("id", "=", id).executeTakeFirst();
      return { kind: known?.gone === 0 ? "held" : "gone" };
    },

    async savePost(id, holder, { messageId, threadId, shownVersion, notesShown, gone, release }) {
      await db
        .updateTable("posts")
        .set({
          claimed_by: release === true ? null : holder,
          ...(release === true ? { claimed_until: null } : {}),
          ...(messageId === undefined ? {} : { message_id: messageId }),
          ...(threadId === undefined ? {} : { thread_id: threadId }),
          ...(shownVersion === undefined ? {} : { shown_version: shownVersion }),
          ...(notesShown === undefined ? {} : { notes_shown: notesShown }),
          ...(gone === undefined ? {} : { gone: 1 }),
        })
        .where("id", "=", id)
        // whoever took over meanwhile has posted again: their message is the one that counts
        .where("claimed_by", "=", holder)
        .execute();
    },

    async incidentsWithDuePosts() {
      const rows = await db
        .selectFrom("posts")
        .select("incident")
        .distinct()
        // word for word the condition of the index
        .where("gone", "=", sql.lit(0))
        .where(({ or, eb, ref }) =>
          or([eb("shown_version", "<", ref("wanted_version")), eb("notes_shown", "<", ref("wanted_notes"))]),
        )
        .orderBy("incident")
        .execute();
      return rows.map(({ incident }) => incident);
    },
  };
}

function deleteGone(db: Database["db"], { surface, workspace, channel }: Place) {
  return db
    .deleteFrom("posts")
    .where("gone", "=", 1)
    .where("surface", "=", surface)
    .where("workspace", "=", workspace)
    .where("channel", "=", channel);
}

function selectAt(db: Database["db"], { surface, workspace, channel }: Place) {
  return db
    .selectFrom("posts")
    .selectAll()
    .where("surface", "=", surface)
    .where("workspace", "=", workspace)
    .where("channel", "=", channel);
}
