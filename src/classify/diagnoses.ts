import type { Diagnosis } from "./diagnosis.ts";

/** Diagnoses of incidents and the evidence they were made of, kept. */
export interface Diagnoses {
  /** `evidence`: JSON text, redacted. Gives the new diagnosis an id, `d-` and 16 hex digits. */
  save(made: {
    readonly incident: number;
    readonly diagnosis: Diagnosis;
    readonly evidence: string;
  }): Promise<string>;
  find(id: string): Promise<Diagnosis | undefined>;
  /** Undefined once it is past its retention. */
  evidence(id: string): Promise<string | undefined>;
}
