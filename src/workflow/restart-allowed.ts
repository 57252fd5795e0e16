import type { Intent } from "../approval/intent.ts";
import type { Intents, SendGuard, SentHistory } from "../approval/intents.ts";
import { type Allowance, restartAllowed } from "../approval/restart-allowed.ts";
import type { CauseId } from "../classify/cause.ts";
import type { Target } from "../topology/target.ts";
import { hopsOfService } from "../verify/read-proof.ts";

const DAY_MS = 24 * 60 * 60_000;
/** A failed proof blocks until a person sets it aside, and so long at most. */
const UNSETTLED_MS = 90 * DAY_MS;

/** Cool-down and loop lock, counted from the restarts that were sent. */
export type RestartAllowed = (wanted: RestartWanted) => Promise<Allowance>;

export interface RestartWanted {
  readonly site: string;
  /** Its hops as they are now. */
  readonly target: Target;
  readonly host: string;
  readonly serviceId: string;
  readonly cause: CauseId;
  readonly coolDownMs: number;
  /** The intent that is about to be sent: it does not stand in its own way. */
  readonly key?: string;
}

export function createRestartAllowed({
  intents,
  now,
}: {
  readonly intents: Intents;
  readonly now: () => number;
}): RestartAllowed {
  return async (wanted) => {
    const history = await intents.sent(historyAt(now()));
    return restartAllowed(history, withGroup(wanted, now()));
  };
}

/** The same question, asked once more in the moment of the claim. */
export function makeSendGuard(wanted: RestartWanted, now: number): SendGuard {
  return {
    history: historyAt(now),
    allows: (sent) => restartAllowed(sent, withGroup(wanted, now)).ok,
  };
}

/**
 * A group is what visitors of one site depend on: all that was restarted for it, and the units behind it that were restarted in the name of
 * another site. Without a unit a process on a shared host cannot be told from its neighbours: it counts for its own site.
 */
function withGroup({ site, target, ...wanted }: RestartWanted, now: number) {
  const isBehindSite = (other: Intent) =>
    other.service.manager === "systemd" &&
    hopsOfService(target, other).some(({ owner }) => owner?.unit !== undefined);
  const isOfGroup = (other: Intent) => other.site === site || isBehindSite(other);
  return { ...wanted, now, isOfGroup };
}

/** No cool-down and no limit looks back further than a day. */
function historyAt(now: number): SentHistory {
  const before = (ms: number) => new Date(now - ms).toISOString();
  return { since: before(DAY_MS), unsettledSince: before(UNSETTLED_MS) };
}
