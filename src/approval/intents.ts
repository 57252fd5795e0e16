import type { AuditEntry } from "../incident/audit.ts";
import type { NewNote } from "../incident/incident.ts";
import type { Decision, Intent, IntentState } from "./intent.ts";

/** What an end or a step of an intent adds to its row. */
export type IntentUpdate = Pick<
  Intent,
  "approvedAt" | "sendBy" | "sentAt" | "endedAt" | "outcome" | "hint" | "verification"
>;

/**
 * The restarts that were offered. Each call is one transaction together with its audit rows, its note in the incident's thread, and the
 * bump of the incident's version.
 */
export interface Intents {
  /**
   * False when another one is open (`awaiting`, `approved` or `sent`) for the same host and service, one proposal at a time; or when the
   * incident has been closed.
   */
  create(intent: Intent, audit: AuditEntry, notes: readonly NewNote[]): Promise<boolean>;
  find(key: string): Promise<Intent | undefined>;
  /** Newest first. */
  ofIncident(incident: number): Promise<readonly Intent[]>;
  /** All that are not at their end. */
  open(): Promise<readonly Intent[]>;
  /** All that were offered since, newest first. */
  createdSince(since: string): Promise<readonly Intent[]>;
  /** What another restart may have to wait for, newest first. */
  sent(history: SentHistory): Promise<readonly Intent[]>;
  /**
   * Adds a decision if the intent is still in `from`, and moves it `to` in the same transaction. Undefined when it is not, or when this
   * person has decided already: somebody was first. Only a no takes the place of the same person's yes, and only a no undoes an approval.
   */
  decide(
    key: string,
    decision: Decision,
    move: (
      | { readonly from: "awaiting"; readonly to: "awaiting" | "approved" | "denied" }
      | { readonly from: "approved"; readonly to: "denied" }
    ) &
      IntentUpdate,
    audit: AuditEntry,
    notes: readonly NewNote[],
  ): Promise<Intent | undefined>;
  /**
   * Moves it if it is in one of `from`, and `guard` allows it: exactly one caller wins, the others get undefined. A verification that has ended
   * stays: nothing takes its place but the same one, lifted, and that once.
   */
  move(
    key: string,
    move: { readonly from: readonly IntentState[]; readonly to: IntentState } & IntentUpdate,
    audit: AuditEntry,
    notes: readonly NewNote[],
    guard?: SendGuard,
  ): Promise<Intent | undefined>;
}

/** Times are ISO-8601. */
export interface SentHistory {
  /** All that were sent since. */
  readonly since: string;
  /** Earlier ones, sent since then, of which nobody knows whether they were done, or whose failed proof nobody has set aside. */
  readonly unsettledSince: string;
}

/**
 * Asked in the transaction that claims a restart, when no other claim can come between: of two that may not both be sent, one is. `allows`: given
 * all of `history`, the claimed one among them.
 */
export interface SendGuard {
  readonly history: SentHistory;
  readonly allows: (sent: readonly Intent[]) => boolean;
}
