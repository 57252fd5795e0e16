import type { Intents } from "../approval/intents.ts";
import { type Allowance, restartAllowed } from "../approval/restart-allowed.ts";
import type { CauseId } from "../classify/cause.ts";

/** A failed proof blocks until a person sets it aside, and so long at most. */
const HISTORY_MS = 90 * 24 * 60 * 60_000;

/** Cool-down and loop lock, counted from the restarts that were sent. */
export type RestartAllowed = (wanted: {
  readonly host: string;
  readonly serviceId: string;
  readonly cause: CauseId;
  readonly coolDownMs: number;
  /** The intent that is about to be sent: it does not stand in its own way. */
  readonly key?: string;
}) => Promise<Allowance>;

export function createRestartAllowed({
  intents,
  now,
}: {
  readonly intents: Intents;
  readonly now: () => number;
}): RestartAllowed {
  return async (wanted) => {
    const history = await intents.sentSince(new Date(now() - HISTORY_MS).toISOString());
    return restartAllowed(history, { ...wanted, now: now() });
  };
}
