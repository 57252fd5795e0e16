import { z } from "zod";
import type { Decision, Intent } from "../approval/intent.ts";
import { CAUSES } from "../classify/cause.ts";
import { jsonOf, optional, parseRow } from "./parse-row.ts";
import { PersonRow } from "./person-row.ts";

const Service = z.discriminatedUnion("manager", [
  z.object({ manager: z.literal("systemd"), unit: z.string() }),
  z.object({ manager: z.literal("pm2"), app: z.string(), user: z.string() }),
  z.object({ manager: z.literal("docker"), container: z.string() }),
  z.object({ manager: z.literal("compose"), project: z.string(), service: z.string() }),
  z.object({ manager: z.literal("supervisor"), program: z.string() }),
]);

/** Everything an approval binds: written once, never changed. */
const Offer = z.object({
  diagnosis: z.string(),
  site: z.string(),
  hostKey: z.string(),
  service: Service,
  identity: z.object({ id: z.string(), invocation: z.string(), bootId: z.string() }),
  risk: z.object({
    takesAlong: z.array(z.string()),
    startsLeft: z.number().nullable(),
    resetsBudget: z.boolean(),
  }),
  cause: z.enum(CAUSES),
  why: z.string(),
  argv: z.array(z.string()),
  basis: z.string().exactOptional(),
  digest: z.string(),
  requestedBy: PersonRow.exactOptional(),
  approveBy: z.string(),
});

const VerificationRow = z.object({
  status: z.enum(["running", "proven", "unproven"]),
  at: z.string(),
  checks: z.array(z.object({ hop: z.string(), before: z.string(), after: z.string(), ok: z.boolean() })),
  lifted: z.object({ person: PersonRow, at: z.string() }).exactOptional(),
});

const IntentRow = z.object({
  key: z.string(),
  incident: z.int(),
  host: z.string(),
  state: z.enum([
    "awaiting",
    "approved",
    "sent",
    "done",
    "refused",
    "not-done",
    "unknown",
    "denied",
    "expired",
    "superseded",
  ]),
  created_at: z.string(),
  approvals_needed: z.int(),
  offer_json: jsonOf(Offer),
  approved_at: z.string().nullable(),
  send_by: z.string().nullable(),
  sent_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  outcome: z.string().nullable(),
  hint: z.string().nullable(),
  verification_json: jsonOf(VerificationRow).nullable(),
});

const DecisionRow = z
  .object({
    surface: PersonRow.shape.surface,
    workspace: z.string(),
    person: z.string(),
    name: z.string(),
    answer: z.enum(["approve", "deny"]),
    at: z.string(),
  })
  .transform(
    ({ surface, workspace, person, name, answer, at }): Decision => ({
      answer,
      person: { surface, workspace, id: person, name },
      at,
    }),
  );

/** @throws {StoreError} */
export function toIntent(row: { readonly key: string }, decisions: readonly unknown[]): Intent {
  const name = `Restart ${row.key}`;
  const found = parseRow(IntentRow, row, name);
  return {
    key: found.key,
    incident: found.incident,
    host: found.host,
    ...found.offer_json,
    approvalsNeeded: found.approvals_needed,
    createdAt: found.created_at,
    state: found.state,
    decisions: decisions.map((decision) => parseRow(DecisionRow, decision, name)),
    ...optional("approvedAt", found.approved_at),
    ...optional("sendBy", found.send_by),
    ...optional("sentAt", found.sent_at),
    ...optional("endedAt", found.ended_at),
    ...optional("outcome", found.outcome),
    ...optional("hint", found.hint),
    ...optional("verification", found.verification_json),
  };
}

/** What `toIntent` reads from `offer_json`. */
export function offerJson(intent: Intent): string {
  const {
    diagnosis,
    site,
    hostKey,
    service,
    identity,
    risk,
    cause,
    why,
    argv,
    basis,
    digest,
    requestedBy,
    approveBy,
  } = intent;
  return JSON.stringify({
    diagnosis,
    site,
    hostKey,
    service,
    identity,
    risk,
    cause,
    why,
    argv,
    basis,
    digest,
    requestedBy,
    approveBy,
  });
}
