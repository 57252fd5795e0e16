import { type Selectable, sql, type Transaction } from "kysely";
import type { NewNote } from "../incident/incident.ts";
import { storable } from "./storable.ts";
import type { Tables } from "./tables.ts";

/** Counts the change of what people see in the incident's row, which must be there, and in its posts, and adds the notes to its thread. Gives the row. */
export async function addNotes(
  trx: Transaction<Tables>,
  incident: number,
  notes: readonly NewNote[],
  options: { readonly at: string; readonly silent: boolean },
): Promise<Selectable<Tables["incidents"]>> {
  const bump = options.silent ? 0 : 1;
  const row = await trx
    .updateTable("incidents")
    .set({ version: sql`version + ${sql.lit(bump)}`, notes: sql`notes + ${sql.lit(notes.length)}` })
    .where("number", "=", incident)
    .returningAll()
    .executeTakeFirstOrThrow(() => new Error(`Incident #${incident} is not in the records.`));
  await trx
    .updateTable("posts")
    .set({ wanted_version: row.version, wanted_notes: row.notes })
    .where("incident", "=", incident)
    .execute();
  if (notes.length === 0) return row;
  const first = row.notes - notes.length + 1;
  await trx
    .insertInto("notes")
    .values(
      notes.map(({ text, quotes, evidenceOf, loud }, index) => ({
        incident,
        seq: first + index,
        at: options.at,
        text: storable(text),
        quotes_json: quotes === undefined ? null : JSON.stringify(quotes),
        evidence_of: evidenceOf ?? null,
        loud: loud ? 1 : 0,
      })),
    )
    .execute();
  return row;
}
