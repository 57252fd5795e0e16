import type { CauseId } from "../../src/classify/cause.ts";
import type { Diagnosis, Hop, RestartHelps } from "../../src/classify/diagnosis.ts";
import type { RunningStack } from "./stack.ts";

/** What is true about a fault because we made it: the lab judges the tool by it. */
export interface Truth {
  /** What the client must see, else the fault did not take. Several where it depends on which member is asked. */
  readonly status: readonly (number | null)[];
  /** Right answers; `[]` where no cause may be named. */
  readonly causes: readonly CauseId[];
  /** Default: `fault`. */
  readonly outcomes?: readonly Diagnosis["outcome"][];
  readonly hops?: readonly Hop[];
  /** Right answers for whether a restart of the application helps. Recommending one is wrong when only `no` is here. */
  readonly restartHelps: readonly RestartHelps[];
}

/** One real fault on one stack. */
export interface LabCase {
  /** `<cause>--<stack>[--variant]`. */
  readonly name: string;
  readonly stack: string;
  /** What the operator asks about; default `/`. */
  readonly path?: string;
  readonly truth: Truth;
  /** The operator could not give the tool any root looks. */
  readonly withoutSudo?: true;
  /** Makes the fault on a healthy stack. */
  fault(lab: RunningStack): Promise<unknown>;
  /** Requests the lab makes of `path` after the fault, so that there is something to see in the logs. Default 3. */
  readonly requests?: number;
  /** Body to POST with those requests, instead of GET. */
  readonly post?: string;
}
