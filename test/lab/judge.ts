import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import type { Truth } from "./lab-case.ts";

type Grade = "right" | "inconclusive" | "wrong" | "healthy-on-fault" | "no-answer";

export interface Judgement {
  readonly grade: Grade;
  /** A restart was recommended that cannot help: the worst error. */
  readonly wrongRestart: boolean;
  /** What the tool said, in few words. */
  readonly said: string;
  /** Right cause, but a wrong statement beside it: the hop, or whether a restart helps. */
  readonly remarks: readonly string[];
}

/** Compares a diagnosis with what we know to be true. */
export function judge(diagnosis: Diagnosis, truth: Truth): Judgement {
  const { cause, outcome, remediation } = diagnosis;
  const outcomes = truth.outcomes ?? ["fault"];
  const wrongRestart =
    remediation?.recommended === true && truth.restartHelps.every((answer) => answer === "no");
  const said = cause ? `${cause.id} ${cause.confidence.toFixed(2)}` : outcome;
  const remarks: string[] = [];
  if (cause && truth.hops && !truth.hops.includes(cause.hop)) remarks.push(`hop ${cause.hop}`);
  if (cause && !truth.restartHelps.includes(cause.restartHelps))
    remarks.push(`restart: ${cause.restartHelps}`);
  return { grade: grade(), wrongRestart, said, remarks };

  function grade(): Grade {
    const causeFits = cause ? truth.causes.includes(cause.id) : outcome !== "fault";
    if (outcomes.includes(outcome) && causeFits) return "right";
    if (outcome === "inconclusive") return "inconclusive";
    if (outcome === "healthy") return "healthy-on-fault";
    return "wrong";
  }
}

/** What a lab run must reach: 95 % right, no wrong restart advice, no fault called healthy, every fault took, hosts untouched. */
export interface Totals {
  readonly cases: number;
  readonly right: number;
  readonly inconclusive: number;
  readonly wrong: number;
  readonly healthyOnFault: number;
  readonly noAnswer: number;
  readonly wrongRestarts: number;
  readonly didNotTake: number;
  readonly touched: number;
  readonly passed: boolean;
}

const RIGHT_SHARE = 0.95;

/** The part of a case's result that counts. */
export interface Counted {
  readonly judgement: Judgement | undefined;
  readonly took: boolean;
  readonly touched: readonly string[];
}

export function makeTotals(results: readonly Counted[]): Totals {
  const graded = (grade: Grade) => results.filter(({ judgement }) => judgement?.grade === grade).length;
  const judged = results.filter(({ judgement }) => judgement !== undefined).length;
  const right = graded("right");
  const healthyOnFault = graded("healthy-on-fault");
  const wrongRestarts = results.filter(({ judgement }) => judgement?.wrongRestart).length;
  const didNotTake = results.filter(({ took }) => !took).length;
  const touched = results.filter(({ touched }) => touched.length > 0).length;
  const rightEnough = right >= judged * RIGHT_SHARE;
  const clean = wrongRestarts === 0 && healthyOnFault === 0 && didNotTake === 0 && touched === 0;
  return {
    cases: results.length,
    right,
    inconclusive: graded("inconclusive"),
    wrong: graded("wrong"),
    healthyOnFault,
    noAnswer: graded("no-answer"),
    wrongRestarts,
    didNotTake,
    touched,
    passed: rightEnough && clean,
  };
}
