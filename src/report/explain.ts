import type { Diagnosis } from "../classify/diagnosis.ts";

/** Prose about a verdict that is fixed already; it changes nothing but what people read. */
export type Explanation =
  | {
      readonly kind: "explained";
      /** One short paragraph, plain text. */
      readonly text: string;
      /** The one look to take next. */
      readonly nextLook?: string;
      /** Ids of findings it rests on; each exists. */
      readonly findings: readonly string[];
      /** Whose words these are. */
      readonly model: string;
    }
  /** Off, too slow, too costly, broken or lying: for the log. */
  | { readonly kind: "nothing"; readonly reason: string };

/** The edge to a model. Never throws, and always answers within its deadline. */
export type Explain = (diagnosis: Diagnosis) => Promise<Explanation>;
