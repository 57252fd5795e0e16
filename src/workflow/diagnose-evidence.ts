import { classify } from "../classify/classify.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { Evidence } from "../collect/evidence.ts";
import type { Playbook } from "../playbook/playbook.ts";
import { makeTarget } from "../topology/make-target.ts";
import type { Target } from "../topology/target.ts";

/** The verdict of recorded evidence: the same pure functions a live diagnosis ends with. */
export function diagnoseEvidence(
  evidence: Evidence,
  options: { readonly playbooks: readonly Playbook[]; readonly durationMs: number },
): { readonly target: Target; readonly diagnosis: Diagnosis } {
  const { playbooks, durationMs } = options;
  const { request, results, visits } = evidence;
  const target = makeTarget({ request, results, visits, playbooks });
  return { target, diagnosis: classify({ target, evidence, playbooks, durationMs }) };
}
