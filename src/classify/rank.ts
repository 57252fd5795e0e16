import type { CaseFile, HopCase } from "./case-file.ts";
import type { CauseId } from "./cause.ts";
import type { Verdict } from "./rule.ts";
import { RULES } from "./rules.ts";

/** One rule's verdict on one hop. */
export interface Ranked {
  readonly rule: CauseId;
  readonly hop: HopCase;
  readonly verdict: Verdict;
}

/** Verdicts that only say "look deeper": any other verdict over this line explains them. */
const DERIVED = new Set<CauseId>(["no-live-upstream", "inner-hop-error"]);
const EXPLAINS = 0.5;

/**
 * Every verdict, best first. The hop nearest to the application comes before those that only pass its error on; a derived
 * verdict comes after anything that explains it.
 */
export function rank(file: CaseFile): readonly Ranked[] {
  const all = file.hops.flatMap((hop) =>
    RULES.flatMap((rule): readonly Ranked[] => {
      const verdict = rule.check(hop, file);
      return verdict === undefined ? [] : [{ rule: rule.id, hop, verdict }];
    }),
  );
  const explained = all.some(({ rule, verdict }) => !DERIVED.has(rule) && verdict.confidence >= EXPLAINS);
  const weight = ({ rule, hop, verdict }: Ranked) =>
    (DERIVED.has(rule) && explained ? 0 : verdict.confidence) +
    hop.depth * INNER_BONUS * Number(verdict.confidence >= 0.7);
  return onePerCause(all.toSorted((a, b) => weight(b) - weight(a)));
}

/** Enough to prefer an inner hop's well-founded verdict over an outer one's, not enough to prefer a guess. */
const INNER_BONUS = 0.3;

function onePerCause(ranked: readonly Ranked[]): readonly Ranked[] {
  const seen = new Set<CauseId>();
  return ranked.filter(({ rule }) => !seen.has(rule) && seen.add(rule) !== undefined);
}
