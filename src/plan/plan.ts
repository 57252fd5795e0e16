/** What one look does on a host. Nothing here is a shell string: words are quoted once, when the script is written. */
export type LookAction =
  | { readonly kind: "run"; readonly argv: readonly string[]; readonly stdin?: string }
  /** Prints each file that matches, headed by `# file <path>`; `only` keeps lines containing one of these texts. */
  | { readonly kind: "files"; readonly globs: readonly string[]; readonly only?: readonly string[] }
  /** The end of a log, back to `windowSeconds` ago but at most `maxBytes`; rotated neighbours (`.1`, `.gz`) when the window reaches into them. */
  | {
      readonly kind: "log";
      readonly path: string;
      readonly windowSeconds: number;
      readonly timestamps: string;
    };

/** One read-only look, ready to run. */
export interface Look {
  /** Unique within the plan of one host and round. */
  readonly id: string;
  readonly probe: string;
  readonly params: Readonly<Record<string, string>>;
  readonly action: LookAction;
  /** Only where a process of one of these names runs; else the look is `missing`. */
  readonly whileRunning?: readonly string[];
  /** `root`: needs root, by `sudo -n` when we are not. `prefer-root`: the same, else as ourselves. */
  readonly as: "self" | "root" | "prefer-root";
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** The looks of one round on one host. */
export interface Plan {
  readonly host: string;
  readonly round: 1 | 2;
  readonly looks: readonly Look[];
}
