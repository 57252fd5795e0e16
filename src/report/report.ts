import type { Diagnosis } from "../classify/diagnosis.ts";

/** A moment as people say it. Surfaces that know the reader's time zone start from `at`. */
export interface Moment {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** `03:09:12 UTC`, with the date when it is not the day of the diagnosis. */
  readonly clock: string;
  /** `3 min ago`, counted from the start of the diagnosis. */
  readonly ago: string;
}

/** One thing that proves the verdict: our sentence, and beside it the host's own words. */
export interface Proof {
  readonly says: string;
  readonly host: string;
  readonly when?: Moment;
  /** The host's text, never ours: surfaces must set it apart and escape it. May hold newlines. */
  readonly quote?: string;
}

/** Whether to restart, said so that nobody has to read on. */
export interface RestartAdvice {
  readonly answer: "yes" | "briefly" | "no" | "not-advised" | "not-needed";
  /** What would be restarted: `php8.2-fpm.service on origin-1`. */
  readonly what?: string;
  readonly why: string;
}

/** A cause that was considered and not chosen, or could not be chosen yet. */
export interface OtherCause {
  readonly title: string;
  readonly percent: number;
  readonly for: readonly string[];
  readonly against: readonly string[];
}

/** Looks that could not be taken on one host for one reason. */
export interface NotChecked {
  readonly checks: readonly string[];
  readonly host: string;
  readonly reason: string;
  readonly fix?: string;
}

/** A diagnosis in people's words, the same for the terminal, chat and web; no markup and no layout. */
export interface Report {
  readonly site: string;
  readonly url: string;
  readonly outcome: Diagnosis["outcome"];
  /** The first line alone is the answer. */
  readonly headline: string;
  readonly hops: Diagnosis["hops"];
  readonly restart: RestartAdvice;
  /** What proves it, best first, three at most. */
  readonly proof: readonly Proof[];
  /** The rest of the proof, for whoever asks. */
  readonly furtherProof: readonly Proof[];
  /** When it began and how much fails. */
  readonly since: {
    readonly when?: Moment;
    readonly percent?: number;
    /** Share of gateway errors, 0 to 1, a minute each, oldest first. */
    readonly shares: readonly number[];
  } | null;
  readonly lastChange: { readonly what: string; readonly when: Moment } | null;
  readonly advice: readonly string[];
  readonly others: readonly OtherCause[];
  readonly notChecked: readonly NotChecked[];
  /** Small print: who answered what, how sure, how long it took. */
  readonly facts: readonly string[];
}
