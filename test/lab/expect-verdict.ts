import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CaseResult } from "./run-case.ts";

/** Makes a recording of a rightly judged case a test: what it must be diagnosed as, from now on. */
export async function expectVerdict(
  directory: string,
  { name, judgement, diagnosis }: CaseResult,
): Promise<void> {
  if (judgement?.grade !== "right" || diagnosis === undefined) return;
  const { outcome, cause } = diagnosis;
  const expected = {
    outcome,
    cause: cause?.id ?? null,
    hop: cause?.hop ?? null,
    restartHelps: cause?.restartHelps ?? null,
  };
  await writeFile(join(directory, name, "expected.json"), `${JSON.stringify(expected, null, 2)}\n`);
}
