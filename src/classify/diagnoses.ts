import type { Diagnosis } from "./diagnosis.ts";

/** A model's words about a diagnosis. */
export interface ExplanationWords {
  readonly text: string;
  readonly nextLook?: string;
  readonly model: string;
}

/** Diagnoses of incidents and the evidence they were made of, kept. */
export interface Diagnoses {
  /** `evidence`: JSON text, redacted. Gives the new diagnosis an id, `d-` and 16 hex digits. */
  save(made: {
    readonly incident: number;
    readonly diagnosis: Diagnosis;
    readonly evidence: string;
  }): Promise<string>;
  /** Prose that came later; it never changes what was found. */
  explain(id: string, explanation: ExplanationWords): Promise<void>;
  explanation(id: string): Promise<ExplanationWords | undefined>;
  find(id: string): Promise<Diagnosis | undefined>;
  /** Undefined once it is past its retention. */
  evidence(id: string): Promise<string | undefined>;
}
