import type { CauseId } from "../classify/cause.ts";
import type { Person } from "../incident/person.ts";

/** What runs the service: who is asked to restart it, and by which name. */
export type ServiceRef =
  | { readonly manager: "systemd"; readonly unit: string }
  | { readonly manager: "pm2"; readonly app: string; readonly user: string }
  | { readonly manager: "docker"; readonly container: string }
  | { readonly manager: "compose"; readonly project: string; readonly service: string }
  | { readonly manager: "supervisor"; readonly program: string };

/**
 * The life of a restart. `awaiting`: people are asked. `approved`: enough of them said yes. `sent`: it may be under way on the host,
 * and is never sent again. `refused`: the host's helper or our last check said no. `not-done`: it never arrived. `unknown`: it cannot be known.
 */
export type IntentState =
  | "awaiting"
  | "approved"
  | "sent"
  | "done"
  | "refused"
  | "not-done"
  | "unknown"
  | "denied"
  | "expired"
  | "superseded";

/** What the service looked like when people were asked; any difference before sending voids the approval. */
export interface ServiceIdentity {
  /** Canonical name: for systemd the unit's `Id`. */
  readonly id: string;
  /** New at each start: systemd's `InvocationID`, a container's `Id` and `StartedAt`, pid and start time elsewhere. */
  readonly invocation: string;
  readonly bootId: string;
}

/** What a restart would do beyond the service itself, read before anybody is asked. */
export interface RestartRisk {
  /** Units that would be stopped or restarted along, by their own declarations. Never a proxy: that is refused. */
  readonly takesAlong: readonly string[];
  /** Starts that are left before the manager refuses one; null where there is no such limit. */
  readonly startsLeft: number | null;
  /** The manager's counter must be reset first, because the budget is used up. */
  readonly resetsBudget: boolean;
}

/** One restart that was offered: everything an approval binds. Messages about it are drawn from this row and nothing else. */
export interface Intent {
  /** 32 hex digits, random; the value of the buttons. */
  readonly key: string;
  readonly incident: number;
  readonly diagnosis: string;
  readonly site: string;
  readonly host: string;
  /** `SHA256:…` of the key the host presented; `local` for this machine. */
  readonly hostKey: string;
  readonly service: ServiceRef;
  readonly identity: ServiceIdentity;
  readonly risk: RestartRisk;
  readonly cause: CauseId;
  /** Why it would help, as the diagnosis says. */
  readonly why: string;
  /** The exact words that will run on the host. */
  readonly argv: readonly string[];
  /** SHA-256 over the config and the playbooks that it was offered by. */
  readonly basis?: string;
  /** SHA-256 over all of the above, hex: what people approve. */
  readonly digest: string;
  readonly requestedBy?: Person;
  readonly approvalsNeeded: number;
  readonly createdAt: string;
  readonly approveBy: string;
  readonly state: IntentState;
  readonly decisions: readonly Decision[];
  /** When enough people had approved, and until when it may be sent. */
  readonly approvedAt?: string;
  readonly sendBy?: string;
  readonly sentAt?: string;
  readonly endedAt?: string;
  /** What happened, in people's words: for every state but `awaiting` and `approved`. */
  readonly outcome?: string;
  /** What to do next, where it did not end well. */
  readonly hint?: string;
  readonly verification?: Verification;
}

/** Who answered, and what. */
export interface Decision {
  readonly answer: "approve" | "deny";
  readonly person: Person;
  readonly at: string;
}

/** Proof per hop that the restart worked, or that it did not. */
export interface Verification {
  readonly status: "running" | "proven" | "unproven";
  readonly at: string;
  readonly checks: readonly {
    /** `unit`, `listener`, `proxy→upstream`, `public URL`, `soak`. */
    readonly hop: string;
    readonly before: string;
    readonly after: string;
    readonly ok: boolean;
  }[];
  /** Unproven, and somebody has looked: it no longer stands in the way of another restart. */
  readonly lifted?: { readonly person: Person; readonly at: string };
}
