import type { ServiceRef } from "../approval/intent.ts";
import { parseHostFacts } from "../collect/host-facts.ts";
import type { PlanRun } from "../collect/run-plan.ts";
import type { Look } from "../plan/plan.ts";
import { parseHelperAnswer } from "./helper-answer.ts";
import {
  bootIdOf,
  type Judged,
  lookOf,
  outputOf,
  type ReadOptions,
  resultOf,
  sayOutcome,
} from "./manager.ts";
import { HELPER_PATH, makeRestartWords } from "./restart-words.ts";
import { serviceWord } from "./service-word.ts";
import { nameOf, whyNeverRestarted } from "./why-never-restarted.ts";

type HelpedService = Exclude<ServiceRef, { readonly manager: "systemd" }>;

/** Containers and processes are known to the host's helper only: to ask Docker oneself is to be root. */
export function makeHelperLooks(service: HelpedService): readonly Look[] {
  const word = serviceWord(service);
  return [
    lookOf("helper", [HELPER_PATH, "check", word]),
    lookOf("sudo-helper", ["sudo", "-n", HELPER_PATH, "check", word]),
  ];
}

/** Hosts choose the word: a map has no inherited ones. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["missing", "its manager does not know it, or does not answer"],
  ["several", "it has several containers: one at a time cannot be told apart"],
  ["job", "something starts or stops it right now"],
  ["stopped", "it was stopped or paused on purpose"],
]);

export function judgeHelped(service: HelpedService, run: PlanRun, options: ReadOptions): Judged {
  const word = serviceWord(service);
  const name = nameOf(service);
  const forbidden = whyNeverRestarted(service, options.neverRestart);
  if (forbidden !== undefined) {
    return {
      kind: "refused",
      why: `${name} is ${forbidden}`,
      hint: "Restart it by hand if it must be; this bot never does.",
    };
  }
  const { isRoot } = parseHostFacts(resultOf(run, "host.facts").output);
  const look = isRoot ? "helper" : "sudo-helper";
  const answer = parseHelperAnswer(outputOf(run, look) ?? "");
  if (answer?.word !== "known") {
    return {
      kind: "unreadable",
      why: `the helper on the host cannot be asked about ${word}: ${sayOutcome(resultOf(run, look))}`,
      hint: "Install what diagnose502 harden prints for this host; services of this kind need it.",
    };
  }
  const whyNot = answer.fields.get("why_not") ?? "none";
  if (whyNot !== "none") {
    return {
      kind: "refused",
      why: `${word} cannot be restarted now: ${REASONS.get(whyNot) ?? whyNot}`,
      hint: "Restart it by hand.",
    };
  }
  const identity = {
    id: answer.fields.get("id") ?? name,
    invocation: answer.fields.get("invocation") ?? "none",
    bootId: bootIdOf(run),
  };
  return {
    kind: "read",
    identity,
    risk: { takesAlong: [], startsLeft: null, resetsBudget: false },
    argv: makeRestartWords(service, identity, { isRoot, helper: true, resetsBudget: false }),
    state: answer.fields.get("state") ?? "unknown",
    helper: true,
  };
}
