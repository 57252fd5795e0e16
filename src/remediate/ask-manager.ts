import type { Intent } from "../approval/intent.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import type { AskMeans } from "./ask-helper.ts";
import { readIdentity } from "./read-identity.ts";
import { isSame } from "./read-restart.ts";
import type { RestartOutcome } from "./service-control.ts";

/** After the far side must have ended: clocks, and packets that were on their way. */
const GRACE_MS = 30_000;

/**
 * Without a helper nobody wrote down what a key did: what can be said is whether the service was started anew, once nothing can be
 * under way any more. By whom, stays unknown.
 */
export async function askManager(host: HostAccess, intent: Intent, means: AskMeans): Promise<RestartOutcome> {
  const { now, wait, signal, restartTimeoutMs } = means;
  const sentAt = intent.sentAt === undefined ? now() : Date.parse(intent.sentAt);
  const rest = sentAt + restartTimeoutMs + GRACE_MS - now();
  if (rest > 0) await wait(rest, signal);
  const { id } = intent.identity;
  const identity = await readIdentity(intent, { ...means, host });
  if (identity === undefined) return unknown(`${host.name} cannot be asked.`, `Look at ${id} on the host.`);
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
