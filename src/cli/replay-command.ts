import type { Diagnosis } from "../classify/diagnosis.ts";
import type { Evidence } from "../collect/evidence.ts";
import { exitStatusOf } from "./exit-status.ts";
import type { Output } from "./output.ts";
import { printDiagnosis } from "./print-diagnosis.ts";

/** Diagnoses a recorded incident and prints the answer as `diagnose` does. Gives the exit status. */
export async function runReplayCommand(
  { folder, json }: { readonly folder: string; readonly json: boolean },
  edges: {
    readonly loadIncident: (folder: string) => Promise<Evidence>;
    readonly diagnoseEvidence: (evidence: Evidence) => Diagnosis;
    readonly stdout: Output;
  },
): Promise<number> {
  const diagnosis = edges.diagnoseEvidence(await edges.loadIncident(folder));
  printDiagnosis(diagnosis, { stdout: edges.stdout, json });
  return exitStatusOf(diagnosis);
}
