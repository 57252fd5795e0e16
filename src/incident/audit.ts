import type { Actor } from "./person.ts";

/** What can happen, as stable codes. */
export const AUDIT_KINDS = [
  "bot-started",
  "bot-stopped",
  "incident-opened",
  "alert-joined",
  "alert-resolved",
  "look-asked",
  "diagnosis-made",
  "diagnosis-failed",
  "restart-proposed",
  "restart-not-offered",
  "restart-approved",
  "restart-denied",
  "click-refused",
  "restart-expired",
  "restart-superseded",
  "restart-sent",
  "restart-done",
  "restart-refused",
  "restart-not-done",
  "restart-unknown",
  "restart-proven",
  "restart-unproven",
  "restart-lifted",
  "incident-closed",
  "step-parked",
] as const;

export type AuditKind = (typeof AUDIT_KINDS)[number];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One thing that happened, before it has its place in the chain. */
export interface AuditEntry {
  readonly kind: AuditKind;
  readonly actor: Actor;
  readonly incident?: number;
  /** Key of the intent. */
  readonly intent?: string;
  /** In people's words; one line, redacted. */
  readonly text: string;
  /** For machines: argv, digests, what was proven. Redacted. */
  readonly details?: { readonly [key: string]: Json };
}

/** A row of the log: inserted once, never changed. */
export interface AuditRow extends AuditEntry {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** `hash` of the row before it; 64 zeros for the first. */
  readonly previousHash: string;
  /** SHA-256 of `previousHash` and the canonical row, hex. */
  readonly hash: string;
}

/** The log, oldest first. It is written by the stores of what it describes, in their transactions; `append` is for the rest. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
  rows(options?: {
    readonly after?: number;
    readonly incident?: number;
    readonly limit?: number;
  }): AsyncIterable<AuditRow>;
}
