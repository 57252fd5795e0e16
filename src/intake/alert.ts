/** One firing or resolved alert of one sender, after its mapping; every text is foreign. */
export interface Alert {
  /** Name of the sender under `alerts` in the config. */
  readonly source: string;
  readonly status: "firing" | "resolved";
  /** The sender's stable id for it: joins later messages to the same incident. */
  readonly fingerprint: string;
  /** What may name the site: labels, URLs, host names, in the order of the mapping. Compared with the config, never fetched. */
  readonly candidates: readonly string[];
  readonly title: string;
  readonly statusCode?: number;
  readonly startedAt?: string;
}

/** An alert that was stored before its sender got a 2xx. */
export interface StoredAlert {
  readonly id: number;
  readonly alert: Alert;
  /** The site it is about; absent when the config has none that fits, which is said and not dropped. */
  readonly site?: string;
  readonly receivedAt: string;
}

/** What came in, kept until it is handled. */
export interface AlertInbox {
  /**
   * Stores the alerts of one request at once. `delivery`: the sender's id of the request, or the SHA-256 of its body; the same one within
   * 15 minutes is a repeat and stores nothing, unless two minutes have passed and the incident of one of its firing alerts is closed.
   */
  store(
    delivery: { readonly source: string; readonly key: string },
    alerts: readonly { readonly alert: Alert; readonly site?: string }[],
  ): Promise<{ readonly isRepeat: boolean; readonly ids: readonly number[] }>;
  /** Not handled yet, oldest first. */
  pending(limit: number): Promise<readonly StoredAlert[]>;
  /** `incident`: what it opened or joined. */
  markHandled(id: number, incident?: number): Promise<void>;
  /** The incident that an earlier alert of this fingerprint belongs to. */
  incidentOf(source: string, fingerprint: string): Promise<number | undefined>;
  /** Whether the last word of another alert of this incident is that it fires. */
  othersFire(
    incident: number,
    than: { readonly source: string; readonly fingerprint: string },
  ): Promise<boolean>;
  /** True the first time this proof (SHA-256 of a signature or delivery id) is seen within 15 minutes. */
  isNewProof(proof: string): Promise<boolean>;
}
