/**
 * Counts how often a step was begun and not ended: a step that kills its process is known by it. Written before the step does anything.
 */
export interface StepCrashes {
  /** Attempts so far, this one included: 3 means that it was begun twice and never came back. */
  begin(kind: string, id: string): Promise<number>;
  /** It came back, with whatever outcome. */
  end(kind: string, id: string): Promise<void>;
}
