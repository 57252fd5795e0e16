import type { Diagnoses } from "../classify/diagnoses.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { Evidence } from "../collect/evidence.ts";
import type { OnProgress } from "../collect/progress.ts";
import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import type { Target } from "../topology/target.ts";
import type { DiagnoseOutcome } from "./diagnose.ts";
import type { SiteBook } from "./site-book.ts";

/** A diagnosis that was made and stored. */
export interface Look {
  readonly request: DiagnosisRequest;
  readonly target: Target;
  readonly diagnosis: Diagnosis;
  /** What the public URL answered. */
  readonly samples: Evidence["samples"];
  /** Its id in the store. */
  readonly id: string;
}

/** A diagnosis on behalf of an incident, with its evidence kept. @throws {OperatorError} for what only an operator can mend. */
export type TakeLook = (
  about: { readonly incident: number; readonly site: string },
  options: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
) => Promise<Look>;

export function createTakeLook(deps: {
  readonly sites: SiteBook;
  readonly diagnose: (
    request: DiagnosisRequest,
    options: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
  ) => Promise<DiagnoseOutcome>;
  readonly diagnoses: Diagnoses;
}): TakeLook {
  const { sites, diagnose, diagnoses } = deps;
  return async ({ incident, site }, options) => {
    const request = await sites.requestOf(site);
    const { evidence, target, diagnosis } = await diagnose(request, options);
    const id = await diagnoses.save({ incident, diagnosis, evidence: JSON.stringify(evidence) });
    return { request, target, diagnosis, samples: evidence.samples, id };
  };
}
