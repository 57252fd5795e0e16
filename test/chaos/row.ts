/** What one experiment did and found: one row of the table. */
export interface ChaosRow {
  readonly name: string;
  /** What was done, with its numbers. */
  readonly did: string;
  readonly result: string;
  readonly target: string;
  readonly met: boolean;
  /** Everything that was counted. */
  readonly counts: { readonly [what: string]: number };
  /** What went wrong, in sentences: empty when nothing did. */
  readonly findings: readonly string[];
}

/** `short`: as much as a gate has time for. `deadline`: epoch ms, after which nothing new is begun. */
export interface ChaosOptions {
  readonly short: boolean;
  readonly deadline: number;
  readonly say: (text: string) => void;
}

export type Experiment = (options: ChaosOptions) => Promise<readonly ChaosRow[]>;
