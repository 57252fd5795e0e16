import { createHash } from "node:crypto";
import type { ApprovalPolicy } from "../config/config.ts";
import type { Person } from "../incident/person.ts";
import type { Intent } from "./intent.ts";

/** What stands for the intent's key in the words of a command until there is a key. */
export const KEY_WORD = "{key}";

/** Everything that an approval binds; its `argv` may hold `KEY_WORD` as a word of its own. */
export type Proposal = Pick<
  Intent,
  | "incident"
  | "diagnosis"
  | "site"
  | "host"
  | "hostKey"
  | "service"
  | "identity"
  | "risk"
  | "cause"
  | "why"
  | "argv"
  | "basis"
>;

/** A proposal → the row that people are asked about. `key`: 32 hex digits that nobody can guess; `now`: epoch ms. */
export function makeIntent(
  proposal: Proposal,
  options: {
    readonly key: string;
    readonly now: number;
    readonly policy: ApprovalPolicy;
    readonly requestedBy?: Person;
  },
): Intent {
  const { key, now, policy, requestedBy } = options;
  const bound = { ...proposal, argv: proposal.argv.map((word) => (word === KEY_WORD ? key : word)) };
  return {
    ...bound,
    key,
    digest: digestOf({ ...bound, key }),
    approvalsNeeded: policy.approvals,
    createdAt: new Date(now).toISOString(),
    approveBy: new Date(now + policy.expireAfterMs).toISOString(),
    state: "awaiting",
    decisions: [],
    ...(requestedBy === undefined ? {} : { requestedBy }),
  };
}

/** SHA-256, hex, over everything that an approval binds: it is the same exactly when all of that is. */
export function digestOf({
  key,
  incident,
  diagnosis,
  site,
  host,
  hostKey,
  service,
  identity,
  risk,
  cause,
  why,
  argv,
  basis,
}: Proposal & { readonly key: string }): string {
  const { id, invocation, bootId } = identity;
  const { takesAlong, startsLeft, resetsBudget } = risk;
  const bound = [
    key,
    incident,
    diagnosis,
    site,
    host,
    hostKey,
    Object.entries(service).toSorted(),
    [id, invocation, bootId],
    [takesAlong, startsLeft, resetsBudget],
    cause,
    why,
    argv,
    ...(basis === undefined ? [] : [basis]),
  ];
  return createHash("sha256").update(JSON.stringify(bound)).digest("hex");
}
