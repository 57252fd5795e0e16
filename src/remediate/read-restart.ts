import type { Intent, ServiceIdentity } from "../approval/intent.ts";
import type { PlanRun } from "../collect/run-plan.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { type HelperAnswer, parseHelperAnswer } from "./helper-answer.ts";
import { bootIdOf, resultOf, sayOutcome } from "./manager.ts";
import { readIdentity } from "./read-identity.ts";
import { makeHelperWords } from "./restart-words.ts";
import type { RunOn, Stoppable } from "./run-on.ts";
import type { RestartOutcome } from "./service-control.ts";

/** What the words of a restart brought. Whatever is not clear is `no-answer`: then the host is asked. */
export async function readRestart(
  run: PlanRun,
  intent: Intent,
  means: Stoppable & { readonly host: HostAccess; readonly runOn: RunOn },
): Promise<RestartOutcome> {
  const result = resultOf(run, "restart");
  const { outcome, output } = result;
  if (outcome.kind === "missing") {
    return refused(
      `Nothing was restarted: ${sayOutcome(result)}.`,
      "Run diagnose502 harden for this host again.",
    );
  }
  if (outcome.kind !== "exited") return noAnswer(sayOutcome(result));
  if (saysSudoRefused(output)) {
    return refused(
      `Nothing was restarted: ${sayOutcome(result)}.`,
      "Run diagnose502 harden for this host again.",
    );
  }
  if (makeHelperWords("status", intent) !== undefined) {
    const answer = parseHelperAnswer(output);
    const bootId = bootIdOf(run);
    return answer === undefined || bootId === ""
      ? noAnswer(sayOutcome(result))
      : tellAnswer(answer, intent, bootId);
  }
  if (outcome.exitCode !== 0) {
    return {
      kind: "failed",
      text: `systemctl reports failure: ${sayOutcome(result)}`,
      hint: `The service may be down. See: systemctl status ${intent.identity.id}`,
    };
  }
  const identity = await readIdentity(intent, means);
  if (identity === undefined)
    return noAnswer("systemctl succeeded, and the service could not be read after it");
  if (isSame(identity, intent)) return noAnswer("systemctl succeeded, and the service is still the old one");
  return { kind: "done", identity, text: tellDone(intent) };
}

/** An answer of the helper's to `restart` or `status`, as far as it is one. `begun` and what is unknown here are `no-answer`. */
export function tellAnswer({ word, fields }: HelperAnswer, intent: Intent, bootId: string): RestartOutcome {
  const { id: name } = intent.identity;
  const after: ServiceIdentity = {
    id: fields.get("id") ?? name,
    invocation: fields.get("invocation") ?? "none",
    bootId,
  };
  switch (word) {
    case "done":
      if (isSame(after, intent)) {
        return {
          kind: "failed",
          text: `The manager of ${name} reports success, and it is still the old one that runs.`,
          hint: "Restart it by hand.",
        };
      }
      return { kind: "done", identity: after, text: tellDone(intent) };
    case "failed":
      return {
        kind: "failed",
        text: `The restart of ${name} was tried and failed (status ${fields.get("status") ?? "unknown"}); it is ${fields.get("state") ?? "in an unknown state"} now.`,
        hint: `The service may be down. See its status and log on ${intent.host}.`,
      };
    case "taken":
      return { kind: "not-done", text: "The restart never arrived at the host, and cannot any more." };
    case "refused":
      return tellRefusal(fields.get("why") ?? "", name);
    case "denied":
      return refused(
        `The helper on ${intent.host} does not know ${name}, or not these words.`,
        "Run diagnose502 harden for this host again, and install what it prints.",
      );
    default:
      return noAnswer(`the helper says ${word}`);
  }
}

/** Hosts choose the word: a map has no inherited ones. */
const REFUSALS: ReadonlyMap<string, readonly [text: string, hint: string]> = new Map([
  [
    "stale",
    ["it was started anew since people were asked", "Look again: what was approved is not what runs now."],
  ],
  [
    "budget",
    [
      "its start limit is used up: a restart would stop it for good",
      "Mend why it keeps dying, then reset-failed and start it by hand.",
    ],
  ],
  ["job", ["something starts or stops it right now", "Look again in a moment."]],
  ["busy", ["another restart is under way on this host", "Look again when that one is proven."]],
  ["masked", ["it is masked: somebody locked it", "Ask who masked it."]],
  ["missing", ["its manager does not know it any more", "Correct the site's service in the config."]],
  ["alias", ["it is another name of a different unit now", "Run diagnose502 harden for this host again."]],
  ["stopped", ["it was stopped on purpose", "Ask who stopped it."]],
  ["several", ["it has several containers now", "Restart them by hand, one at a time."]],
  ["no-flock", ["the host has no flock program", "Install util-linux on the host."]],
  [
    "no-directory",
    [
      "/run/diagnose502 cannot be used by the helper",
      "Check who owns it on the host, and whether /run is full.",
    ],
  ],
] as const);

function tellRefusal(why: string, name: string): RestartOutcome {
  const [text, hint] = REFUSALS.get(why) ?? [`the helper says ${why || "no"}`, "Look again."];
  return refused(`The host refused to restart ${name}: ${text}.`, hint);
}

function tellDone({ host, identity }: Intent): string {
  return `${identity.id} was restarted on ${host}.`;
}

/** It is still what it was when people were asked. */
export function isSame(identity: ServiceIdentity, intent: Intent): boolean {
  return identity.invocation === intent.identity.invocation && identity.bootId === intent.identity.bootId;
}

/** Source: sudo 1.9, messages of -n and of the policy. */
function saysSudoRefused(output: string): boolean {
  const said = output.trim();
  const line = said.slice(said.lastIndexOf("\n") + 1);
  return (
    line.startsWith("sudo: ") ||
    line.startsWith("Sorry, user ") ||
    line.includes("is not in the sudoers file")
  );
}

function refused(text: string, hint: string): RestartOutcome {
  return { kind: "refused", text, hint };
}

function noAnswer(why: string): RestartOutcome {
  return { kind: "no-answer", text: `No clear answer came back: ${why}.` };
}
