import type { SiteConfig } from "../config/config.ts";
import type { Person, Place } from "../incident/person.ts";
import type { Decision, Intent } from "./intent.ts";
import { type Membership, mayAnswer } from "./may-answer.ts";

/** A click on a proposal, from the platform's verified payload, and what we know of where it came from. */
export interface Click {
  readonly answer: "approve" | "deny";
  readonly person: Person;
  readonly place: Place;
  /** The incident whose message was clicked, by our own record of it; undefined for a message that is not ours. */
  readonly postIncident: number | undefined;
}

/** What a click counts for. `told`: to the person alone. */
export type Judgement =
  | { readonly kind: "counts"; readonly move: "awaiting" | "approved" | "denied"; readonly told: string }
  | { readonly kind: "refused"; readonly why: RefusalCode; readonly told: string };

type RefusalCode =
  | "not-our-message"
  | "other-place"
  | "ended"
  | "expired"
  | "nobody-may"
  | "group-not-read"
  | "not-an-approver"
  | "own-request"
  | "answered-already";

/**
 * Whether this click decides. Deny by default. A denial needs the same right as an approval: else anybody could stop a repair.
 * It counts as long as nothing is sent, after an approval too.
 */
export function judgeClick(
  click: Click,
  intent: Intent,
  context: Membership & {
    readonly approvers: SiteConfig["approvers"];
    readonly selfApproval: boolean;
    /** Epoch ms. */
    readonly now: number;
  },
): Judgement {
  const { answer, person, place, postIncident } = click;
  if (postIncident === undefined || postIncident !== intent.incident) {
    return refused(
      "not-our-message",
      "This message is not the one that asked. Use the newest message of the incident.",
    );
  }
  if (person.surface !== place.surface || person.workspace !== place.workspace) {
    return refused("other-place", "Only people of this workspace can decide here.");
  }
  const isUndone = answer === "deny" && intent.state === "approved";
  if (intent.state !== "awaiting" && !isUndone) return refused("ended", tellEnd(intent));
  if (!isUndone && context.now >= Date.parse(intent.approveBy)) {
    return refused("expired", "This proposal has expired. Press “Look again” for a fresh one.");
  }
  const right = mayAnswer(person, context);
  if (!right.may) return refused(right.why, right.told);
  if (answer === "deny")
    return { kind: "counts", move: "denied", told: "Denied. Nothing will be restarted." };

  if (!context.selfApproval && intent.requestedBy !== undefined && isSame(intent.requestedBy, person)) {
    return refused("own-request", "You asked for this yourself; somebody else must approve it.");
  }
  const approvals = intent.decisions.filter((decision) => decision.answer === "approve");
  if (approvals.some((decision) => isSame(decision.person, person))) {
    return refused("answered-already", "You have approved already; a second person is needed.");
  }
  return countApproval(person, intent, approvals);
}

/** With two approvals, whoever asked does not count as one of the two. */
function countApproval(person: Person, intent: Intent, approvals: readonly Decision[]): Judgement {
  const { approvalsNeeded, requestedBy } = intent;
  if (approvalsNeeded > 1 && requestedBy !== undefined && isSame(requestedBy, person)) {
    return refused("own-request", "Two others must approve: whoever asked does not count.");
  }
  const missing = approvalsNeeded - approvals.length - 1;
  if (missing > 0) {
    return {
      kind: "counts",
      move: "awaiting",
      told: `Approved. ${missing} more must approve before anything happens.`,
    };
  }
  return { kind: "counts", move: "approved", told: "Approved. Checking once more, then restarting." };
}

function refused(why: RefusalCode, told: string): Judgement {
  return { kind: "refused", why, told };
}

/** Who was first, for whoever comes second. */
export function tellEnd({ state, decisions, outcome }: Intent): string {
  const last = state === "denied" ? denialOf(decisions) : decisions.at(-1);
  const who = last === undefined ? "" : ` by ${last.person.name} at ${last.at.slice(11, 16)} UTC`;
  switch (state) {
    case "awaiting":
      return "Still waiting for an answer.";
    case "approved":
    case "sent":
      return `Approved already${who}; it is being done.`;
    case "denied":
      return `Denied already${who}.`;
    case "expired":
      return "This proposal has expired. Press “Look again” for a fresh one.";
    case "superseded":
      return `This proposal is void: ${outcome ?? "things have changed"}`;
    case "done":
    case "refused":
    case "not-done":
    case "unknown":
      return `Decided already${who}. ${outcome ?? ""}`.trim();
  }
}

/** There is one at most: it ends the question. */
export function denialOf(decisions: readonly Decision[]): Decision | undefined {
  return decisions.find(({ answer }) => answer === "deny");
}

/** The same account, whatever it calls itself today. */
export function isSame(a: Person, b: Person): boolean {
  return a.surface === b.surface && a.workspace === b.workspace && a.id === b.id;
}
