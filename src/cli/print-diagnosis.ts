import type { Diagnosis } from "../classify/diagnosis.ts";
import { makeReport } from "../report/make-report.ts";
import { renderText } from "../report/render-text.ts";
import type { Output } from "./output.ts";

/** The answer on standard output: a report to read, or one JSON document and nothing else. */
export function printDiagnosis(
  diagnosis: Diagnosis,
  { stdout, json }: { readonly stdout: Output; readonly json: boolean },
): void {
  stdout.write(
    json ? `${JSON.stringify(diagnosis, null, 2)}\n` : renderText(makeReport(diagnosis), stdout.terminal),
  );
}
