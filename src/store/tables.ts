import type { Generated } from "kysely";

/**
 * Our tables, the same in both databases. Times are ISO-8601 UTC text, which sorts as time does; `*_json` is JSON text; truth is 0 or 1.
 * Whatever is searched, counted or moved has a column; what is only kept together is JSON.
 */
export interface Tables {
  readonly incidents: IncidentTable;
  readonly notes: NoteTable;
  readonly posts: PostTable;
  readonly intents: IntentTable;
  readonly decisions: DecisionTable;
  readonly diagnoses: DiagnosisTable;
  readonly alerts: AlertTable;
  readonly deliveries: DeliveryTable;
  readonly proofs: ProofTable;
  readonly step_crashes: StepCrashTable;
  readonly audit: AuditTable;
  readonly audit_head: AuditHeadTable;
  readonly migrations: MigrationTable;
}

interface IncidentTable {
  number: number;
  site: string;
  url: string;
  state: string;
  opened_at: string;
  opened_by_json: string;
  asked_by_json: string;
  title: string | null;
  closed_at: string | null;
  closed_because: string | null;
  version: number;
  looks_wanted: number;
  looks_done: number;
  good_probes: number;
  diagnosis: string | null;
  failure_json: string | null;
  obstacle_json: string | null;
  /** Notes in its thread so far. */
  notes: number;
}

interface NoteTable {
  incident: number;
  seq: number;
  at: string;
  text: string;
  quotes_json: string | null;
  evidence_of: string | null;
  loud: number;
}

interface PostTable {
  id: Generated<number>;
  incident: number;
  surface: string;
  workspace: string;
  channel: string;
  message_id: string | null;
  thread_id: string | null;
  shown_version: number;
  notes_shown: number;
  /** What its incident has, so that a post that is behind is found without reading all of them. */
  wanted_version: number;
  wanted_notes: number;
  gone: number;
  claimed_by: string | null;
  claimed_until: string | null;
}

interface IntentTable {
  key: string;
  incident: number;
  host: string;
  service_id: string;
  state: string;
  created_at: string;
  approvals_needed: number;
  /** Everything an approval binds: written once. */
  offer_json: string;
  approved_at: string | null;
  send_by: string | null;
  sent_at: string | null;
  ended_at: string | null;
  outcome: string | null;
  hint: string | null;
  verification_json: string | null;
  /** Status of the verification; `lifted` once it was set aside. */
  verified: string | null;
}

interface DecisionTable {
  intent: string;
  surface: string;
  workspace: string;
  person: string;
  name: string;
  answer: string;
  at: string;
}

interface DiagnosisTable {
  id: string;
  incident: number;
  made_at: string;
  diagnosis_json: string;
  explanation_json: string | null;
  /** Gzip of the evidence; null once it is past its retention. */
  evidence: Uint8Array | null;
}

interface AlertTable {
  id: Generated<number>;
  /** SHA-256 of source and fingerprint: foreign text of any length. */
  series: string;
  site: string | null;
  alert_json: string;
  received_at: string;
  handled_at: string | null;
  incident: number | null;
}

interface DeliveryTable {
  /** SHA-256 of source and key. */
  id: string;
  received_at: string;
}

interface ProofTable {
  proof: string;
  seen_at: string;
}

interface StepCrashTable {
  kind: string;
  id: string;
  attempts: number;
  begun_at: string;
}

interface AuditTable {
  seq: number;
  at: string;
  kind: string;
  actor_json: string;
  incident: number | null;
  intent: string | null;
  text: string;
  details_json: string | null;
  previous_hash: string;
  hash: string;
}

/** One row, outside the chain: how long the log is, so that a cut end is seen. */
interface AuditHeadTable {
  id: number;
  seq: number;
  hash: string;
}

interface MigrationTable {
  version: number;
  applied_at: string;
}
