import type { Intent } from "../approval/intent.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { readIdentity } from "./read-identity.ts";
import { isSame } from "./read-restart.ts";
import type { RunOn, Stoppable } from "./run-on.ts";
import type { RestartOutcome } from "./service-control.ts";

/** After the far side must have ended: clocks, and packets that were on their way. */
const GRACE_MS = 30_000;

/**
 * Without a helper nobody wrote down what a key did: what can be said is whether the service was started anew, once nothing can be
 * under way any more. By whom, stays unknown.
 */
export async function askManager(
  host: HostAccess,
  intent: Intent,
  means: Stoppable & {
    readonly runOn: RunOn;
    readonly now: () => number;
    /** So long a restart may take on the far side. */
    readonly restartTimeoutMs: number;
  },
): Promise<RestartOutcome> {
  const sentAt = Date.parse(intent.sentAt ?? intent.createdAt);
  if (means.now() < sentAt + means.restartTimeoutMs + GRACE_MS) {
    return { kind: "no-answer", text: "It may still be under way, and there is no helper to ask." };
  }
  const { id } = intent.identity;
  const identity = await readIdentity(intent, { ...means, host });
  if (identity === undefined) return { kind: "no-answer", text: `${host.name} cannot be asked.` };
  if (identity.bootId !== intent.identity.bootId) {
    return unknown(`${host.name} was booted since.`, "Look again: the boot has started everything anew.");
  }
  return isSame(identity, intent)
    ? unknown(`${id} has not been started anew so far.`, "Look again before anything else is done.")
    : unknown(
        `${id} has been started anew since, by this restart or by somebody else.`,
        "Look again: the fault may be gone.",
      );
}

function unknown(why: string, hint: string): RestartOutcome {
  return { kind: "unknown", text: `Whether the restart happened is not known. ${why}`, hint };
}
