import type { Intent } from "../approval/intent.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { type HelperAnswer, parseHelperAnswer } from "./helper-answer.ts";
import { bootIdOf, lookOf, resultOf, sayOutcome } from "./manager.ts";
import { isSame, tellAnswer } from "./read-restart.ts";
import { ASK_BOUNDS } from "./restart-words.ts";
import type { RunOn, Stoppable } from "./run-on.ts";
import type { RestartOutcome } from "./service-control.ts";

/**
 * Asks the host's helper what became of a key; it never sends again: `status` takes a free key. `no-answer` while the restart is under
 * way or the host cannot be asked. A host that was booted since has no memory of it.
 */
export async function askHelper(
  host: HostAccess,
  intent: Intent,
  { words, runOn, ...stop }: Stoppable & { readonly runOn: RunOn; readonly words: readonly string[] },
): Promise<RestartOutcome> {
  const ran = await runOn(host, [lookOf("status", words, ASK_BOUNDS)], {
    ...stop,
    hostKey: intent.hostKey,
  });
  if (ran.kind === "not-run") return { kind: "no-answer", text: `${host.name} cannot be asked: ${ran.why}` };
  const result = resultOf(ran.run, "status");
  const bootId = bootIdOf(ran.run);
  const answer = parseHelperAnswer(result.output);
  if (answer === undefined || bootId === "") {
    return {
      kind: "no-answer",
      text: `The helper on ${host.name} does not answer: ${sayOutcome(result)}.`,
    };
  }
  if (bootId !== intent.identity.bootId) {
    return unknown(
      `${host.name} was booted since, and remembers no restarts from before`,
      "Look again: the boot has started everything anew.",
    );
  }
  // what no marker said is nothing about the key: the helper could not use its directory, or has no flock
  if (answer.word === "refused" && answer.fields.get("again") !== "yes") {
    const why = answer.fields.get("why") ?? "no";
    return { kind: "no-answer", text: `The helper on ${host.name} cannot tell: it says ${why}.` };
  }
  switch (answer.word) {
    case "begun":
      return judgeBegun(answer, intent, bootId);
    // a helper that was replaced does not know the service: that says nothing about what the old one did
    case "denied":
      return unknown(`the helper on ${host.name} does not know this service any more`, "Look at it there.");
    default:
      return tellAnswer(answer, intent, bootId);
  }
}

/** Still under way; or the helper was ended between its two notes, and the service itself must tell. */
function judgeBegun({ fields }: HelperAnswer, intent: Intent, bootId: string): RestartOutcome {
  const { id } = intent.identity;
  if (fields.get("alive") !== "no" || fields.get("job") !== "none") {
    return { kind: "no-answer", text: `The restart of ${id} may still be under way.` };
  }
  const identity = { id: fields.get("id") ?? id, invocation: fields.get("invocation") ?? "none", bootId };
  if (isSame(identity, intent)) {
    return {
      kind: "not-done",
      text: `The host began, and ${id} is still the one it was: it was not restarted, and the key is used.`,
    };
  }
  const state = fields.get("state") ?? "in an unknown state";
  if (state !== "active" && state !== "running") {
    return unknown(`the host began, and ${id} is ${state} now`, `See its status and log on ${intent.host}.`);
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
