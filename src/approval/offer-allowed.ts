import type { Person } from "../incident/person.ts";
import type { Intent } from "./intent.ts";
import { denialOf, isSame } from "./judge-click.ts";
import type { Proposal } from "./make-intent.ts";

const HOUR_MS = 60 * 60_000;
const PER_PERSON_AND_HOUR = 3;

/**
 * Whether people may be asked once more, by what they were asked within the last hour: nobody is worn out by the same question until it is
 * waved through.
 */
export function offerAllowed(
  recent: readonly Intent[],
  wanted: {
    readonly proposal: Pick<Proposal, "host" | "identity" | "cause">;
    readonly requestedBy?: Person;
    /** Epoch ms. */
    readonly now: number;
  },
): { readonly ok: true } | { readonly ok: false; readonly why: string; readonly hint: string } {
  const { proposal, requestedBy, now } = wanted;
  const lastHour = recent.filter(({ createdAt }) => Date.parse(createdAt) > now - HOUR_MS);
  const denied = lastHour.find((intent) => intent.state === "denied" && isSameQuestion(intent, proposal));
  if (denied !== undefined) {
    const by = denialOf(denied.decisions)?.person.name ?? "somebody";
    return {
      ok: false,
      why: `${by} denied this very restart at ${(denied.endedAt ?? denied.createdAt).slice(11, 16)} UTC, and nothing has changed since.`,
      hint: "It is offered again when the service or the cause is another, or after an hour.",
    };
  }
  if (requestedBy === undefined) return { ok: true };
  const asked = lastHour.filter(
    (intent) => intent.requestedBy !== undefined && isSame(intent.requestedBy, requestedBy),
  );
  if (asked.length < PER_PERSON_AND_HOUR) return { ok: true };
  return {
    ok: false,
    why: `${requestedBy.name} has brought about ${asked.length} proposals within an hour.`,
    hint: "Somebody else can press “Look again”.",
  };
}

/** The same start of the same service, broken by the same cause. */
function isSameQuestion(
  intent: Intent,
  { host, identity, cause }: Pick<Proposal, "host" | "identity" | "cause">,
): boolean {
  return (
    intent.host === host &&
    intent.identity.id === identity.id &&
    intent.identity.invocation === identity.invocation &&
    intent.cause === cause
  );
}
