import type { Intents, SendGuard } from "../approval/intents.ts";
import { type Allowance, restartAllowed } from "../approval/restart-allowed.ts";
import type { CauseId } from "../classify/cause.ts";

/** A failed proof blocks until a person sets it aside, and so long at most. */
const HISTORY_MS = 90 * 24 * 60 * 60_000;

/** Cool-down and loop lock, counted from the restarts that were sent. */
export type RestartAllowed = (wanted: RestartWanted) => Promise<Allowance>;

export interface RestartWanted {
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
    const history = await intents.sentSince(historyBegins(now()));
    return restartAllowed(history, { ...wanted, now: now() });
  };
}

/** The same question, asked once more in the moment of the claim. */
export function makeSendGuard(wanted: RestartWanted, now: number): SendGuard {
  return {
    since: historyBegins(now),
    allows: (sent) => restartAllowed(sent, { ...wanted, now }).ok,
  };
}

function historyBegins(now: number): string {
  return new Date(now - HISTORY_MS).toISOString();
}
