import type { Intent } from "../approval/intent.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { type HelperAnswer, parseHelperAnswer } from "./helper-answer.ts";
import { bootIdOf, lookOf, resultOf, sayOutcome } from "./manager.ts";
import { isSame, tellAnswer } from "./read-restart.ts";
import type { RunOn, Stoppable } from "./run-on.ts";
import type { RestartOutcome } from "./service-control.ts";

/** What asking needs besides the host. */
export interface AskMeans extends Stoppable {
  readonly runOn: RunOn;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly restartTimeoutMs: number;
}

/** Between two questions while the restart is still under way. */
const AGAIN_AFTER_MS = 3000;

/**
 * Asks the host's helper what became of a key, and waits while the restart is under way. It asks, and never sends again: `status`
 * takes a free key. A host that was booted since has no memory of it.
 */
export async function askHelper(
  host: HostAccess,
  intent: Intent,
  { words, ...means }: AskMeans & { readonly words: readonly string[] },
): Promise<RestartOutcome> {
  const { runOn, wait, now, signal } = means;
  const giveUpAt = now() + means.restartTimeoutMs;
  for (;;) {
    const ran = await runOn(host, [lookOf("status", words, { timeoutMs: 30_000 })], {
      hostKey: intent.hostKey,
      ...(signal === undefined ? {} : { signal }),
    });
    if (ran.kind === "not-run") return unknown(`${host.name} cannot be asked: ${ran.why}`, ran.hint);
    const result = resultOf(ran.run, "status");
    const bootId = bootIdOf(ran.run);
    const answer = parseHelperAnswer(result.output);
    if (answer === undefined) {
      return unknown(
        `the helper on ${host.name} does not answer: ${sayOutcome(result)}`,
        `Look at ${intent.identity.id} on the host.`,
      );
    }
    if (bootId !== intent.identity.bootId) {
      return unknown(
        `${host.name} was booted since, and remembers no restarts from before`,
        "Look again: the boot has started everything anew.",
      );
    }
    // a helper that was replaced does not know the service: that says nothing about what the old one did
    if (answer.word === "denied") {
      return unknown(
        `the helper on ${host.name} does not know this service any more`,
        "Look at it on the host.",
      );
    }
    if (answer.word !== "begun") {
      const told = tellAnswer(answer, intent, bootId);
      return told.kind === "no-answer" ? unknown(told.text, "Look at the service on the host.") : told;
    }
    if (answer.fields.get("alive") === "no" && answer.fields.get("job") === "none") {
      return judgeBegun(answer, intent, bootId);
    }
    if (now() >= giveUpAt || signal?.aborted) {
      return unknown("the restart is still under way", `See: systemctl status ${intent.identity.id}`);
    }
    await wait(AGAIN_AFTER_MS, signal);
  }
}

/** The helper was ended between its two notes: the service itself must tell. */
function judgeBegun({ fields }: HelperAnswer, intent: Intent, bootId: string): RestartOutcome {
  const { id } = intent.identity;
  const identity = { id: fields.get("id") ?? id, invocation: fields.get("invocation") ?? "none", bootId };
  if (isSame(identity, intent)) {
    return {
      kind: "not-done",
      text: `The host began, and ${id} is still the one it was: it was not restarted, and the key is used.`,
    };
  }
  // systemd counts its own restarts from 0 at each one that was asked for
  if (intent.service.manager === "systemd" && fields.get("restarts") === "0") {
    return { kind: "done", identity, text: `${id} was restarted on ${intent.host}.` };
  }
  return unknown(
    `the host began, and ${id} has been started anew since, which its manager may have done by itself`,
    "Look again: the fault may be gone.",
  );
}

function unknown(why: string, hint: string): RestartOutcome {
  return { kind: "unknown", text: `Whether the restart happened is not known: ${why}.`, hint };
}
