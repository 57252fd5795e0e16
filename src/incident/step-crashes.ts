/** How often a process died in the middle of the same thing; written before it is tried. */
export interface StepCrashes {
  /** Tries so far, this one included: 1 when nothing went wrong. */
  begin(kind: string, id: string): Promise<number>;
  end(kind: string, id: string): Promise<void>;
}
