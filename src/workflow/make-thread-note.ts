import type { Diagnoses } from "../classify/diagnoses.ts";
import type { Note } from "../incident/incident.ts";
import type { ThreadNote } from "../report/card.ts";
import { makeReport } from "../report/make-report.ts";

/** A stored note → what stands in the thread; one that names a diagnosis brings its details and raw evidence along. */
export async function makeThreadNote(
  incident: number,
  note: Note,
  { diagnoses }: { readonly diagnoses: Diagnoses },
): Promise<ThreadNote> {
  const { seq, text, quotes = [], evidenceOf, loud } = note;
  const plain: ThreadNote = { key: `${incident}-${seq}`, text, quotes, loud };
  if (evidenceOf === undefined) return plain;
  const [diagnosis, evidence] = await Promise.all([
    diagnoses.find(evidenceOf),
    diagnoses.evidence(evidenceOf),
  ]);
  const report = diagnosis === undefined ? undefined : makeReport(diagnosis);
  return {
    ...plain,
    ...(report === undefined
      ? {}
      : { details: { proof: report.furtherProof, others: report.others, notChecked: report.notChecked } }),
    ...(evidence === undefined
      ? {}
      : { file: { name: `evidence-${incident}-${evidenceOf}.json`, text: evidence } }),
  };
}
