import type { Intents } from "../approval/intents.ts";
import type { CauseId } from "../classify/cause.ts";

/** Cool-down and loop lock, counted from the restarts that were sent. */
export type RestartAllowed = (wanted: {
  readonly host: string;
  readonly serviceId: string;
  readonly cause: CauseId;
  readonly coolDownMs: number;
}) => Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string; readonly hint: string }>;

export function createRestartAllowed(_deps: {
  readonly intents: Intents;
  readonly now: () => number;
}): RestartAllowed {
  return async () => ({ ok: true });
}
