import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Diagnoses } from "../classify/diagnoses.ts";
import type { Database } from "./database.ts";
import { DiagnosisRow, ExplanationRow } from "./diagnosis-row.ts";
import { jsonOf, parseRow } from "./parse-row.ts";

const compress = promisify(gzip);
const uncompress = promisify(gunzip);

/** Of compressed evidence. What is larger is not kept: the diagnosis, with its quotes, is. */
const MAX_EVIDENCE_BYTES = 2 * 1024 * 1024;
const MAX_UNCOMPRESSED_BYTES = 256 * 1024 * 1024;

/** Diagnoses, and the evidence they were made of, compressed. */
export function createDiagnoses(
  { db }: Database,
  { now, random }: { readonly now: () => number; readonly random: (size: number) => Buffer },
): Diagnoses {
  return {
    async save({ incident, diagnosis, evidence }) {
      const id = `d-${random(8).toString("hex")}`;
      const compressed = await compress(evidence);
      await db
        .insertInto("diagnoses")
        .values({
          id,
          incident,
          made_at: new Date(now()).toISOString(),
          diagnosis_json: JSON.stringify(diagnosis),
          explanation_json: null,
          evidence: compressed.length > MAX_EVIDENCE_BYTES ? null : compressed,
        })
        .execute();
      return id;
    },

    async find(id) {
      const row = await db
        .selectFrom("diagnoses")
        .select("diagnosis_json")
        .where("id", "=", id)
        .executeTakeFirst();
      return row && parseRow(jsonOf(DiagnosisRow), row.diagnosis_json, `Diagnosis ${id}`);
    },

    async explain(id, { text, nextLook, model }) {
      const words = { text, ...(nextLook === undefined ? {} : { nextLook }), model };
      await db
        .updateTable("diagnoses")
        .set({ explanation_json: JSON.stringify(words) })
        .where("id", "=", id)
        .execute();
    },

    async explanation(id) {
      const row = await db
        .selectFrom("diagnoses")
        .select("explanation_json")
        .where("id", "=", id)
        .executeTakeFirst();
      if (!row?.explanation_json) return undefined;
      return parseRow(jsonOf(ExplanationRow), row.explanation_json, `Explanation of ${id}`);
    },

    async evidence(id) {
      const row = await db.selectFrom("diagnoses").select("evidence").where("id", "=", id).executeTakeFirst();
      if (!row?.evidence) return undefined;
      return String(await uncompress(row.evidence, { maxOutputLength: MAX_UNCOMPRESSED_BYTES }));
    },
  };
}
