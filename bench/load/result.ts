/** One figure of one test; with a bound where this project has a target for it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "kB" | "MB" | "%" | "";
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Result {
  readonly test: string;
  /** What was done, with its numbers. */
  readonly did: string;
  readonly figures: readonly Figure[];
  /** Load of the machine before and after, one-minute averages. */
  readonly load: readonly [number, number];
}

export function isMissed({ value, atMost, atLeast }: Figure): boolean {
  return (atMost !== undefined && !(value <= atMost)) || (atLeast !== undefined && !(value >= atLeast));
}
