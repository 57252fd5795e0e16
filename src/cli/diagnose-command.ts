import type { Diagnosis } from "../classify/diagnosis.ts";
import type { Evidence } from "../collect/evidence.ts";
import type { OnProgress } from "../collect/progress.ts";
import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import type { DiagnoseOptions } from "./diagnose-options.ts";
import { exitStatusOf } from "./exit-status.ts";
import type { Output } from "./output.ts";
import { showProgress } from "./show-progress.ts";

/** What the command reaches the world with. */
export interface DiagnoseEdges {
  readonly loadRequest: (
    options: DiagnoseOptions["request"],
  ) => Promise<{ readonly request: DiagnosisRequest; readonly notes: readonly string[] }>;
  readonly diagnose: (
    request: DiagnosisRequest,
    options: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
  ) => Promise<{ readonly evidence: Evidence; readonly diagnosis: Diagnosis }>;
  /** Throws when an incident could not be saved there. */
  readonly requireFreeFolder: (folder: string) => Promise<void>;
  readonly saveIncident: (folder: string, evidence: Evidence) => Promise<void>;
  /** Filled while hosts are connected to: what is unwise but works. */
  readonly warnings: Iterable<string>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly signal: AbortSignal;
}

/** Looks, saves what was seen when asked to, and prints the answer. Gives the exit status. */
export async function runDiagnoseCommand(options: DiagnoseOptions, edges: DiagnoseEdges): Promise<number> {
  const { json, save, verbose } = options;
  const { stdout, stderr, signal } = edges;
  if (save !== undefined) await edges.requireFreeFolder(save);
  const { request, notes } = await edges.loadRequest(options.request);
  for (const note of notes) stderr.write(`note: ${note}\n`);

  const progress = await showProgress({ stderr, verbose });
  const [{ evidence, diagnosis }, { printDiagnosis }] = await Promise.all([
    edges.diagnose(request, { onProgress: progress.onProgress, signal }),
    // not needed before the hosts have answered
    import("./print-diagnosis.ts"),
  ]).finally(progress.close);
  signal.throwIfAborted();
  for (const warning of edges.warnings) stderr.write(`warning: ${warning}\n`);

  try {
    // Saved first: a reader who closes the pipe after the headline still gets the recording.
    if (save !== undefined) await edges.saveIncident(save, evidence);
  } finally {
    // The answer is there, whatever became of the recording.
    printDiagnosis(diagnosis, { stdout, json });
  }
  if (save !== undefined) stderr.write(`Saved to ${save}. Look again with: diagnose502 replay ${save}\n`);
  return exitStatusOf(diagnosis);
}
