import type { Intent, Verification } from "../approval/intent.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";

/**
 * Proves a restart hop by hop: the unit's new invocation, its listener, proxy → upstream, the public URL several times, and a soak. `onCheck` is
 * called with what is known so far, status `running`, each time a check is decided.
 */
export type Verify = (
  proof: {
    readonly intent: Intent;
    readonly request: DiagnosisRequest;
    /** What was seen before the restart. */
    readonly before: Diagnosis;
  },
  options: { readonly onCheck: (so: Verification) => Promise<void>; readonly signal: AbortSignal },
) => Promise<Verification>;
