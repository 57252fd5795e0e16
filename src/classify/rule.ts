import type { DependencyHop } from "../topology/target.ts";
import type { CaseFile, HopCase, MemberCase } from "./case-file.ts";
import type { CauseId } from "./cause.ts";
import type { Hop, RestartHelps } from "./diagnosis.ts";

/** What one rule concludes about one hop. */
export interface Verdict {
  /** 0 to 1: 0.9 and up only when a fact from the broken side itself, or our own look, proves it. */
  readonly confidence: number;
  readonly hop: Hop;
  /** One sentence that names the thing, what it does and since when; it is the first line people read. */
  readonly summary: string;
  /** Finding ids; the first one is the proof that is quoted first. */
  readonly for: readonly string[];
  readonly against?: readonly string[];
  readonly restart: { readonly helps: RestartHelps; readonly why: string };
  readonly advice: readonly string[];
  /** It explains what happened, and it is over: the site works and so does the service. */
  readonly isOver?: true;
  /** The upstream that is broken, when the verdict is about one. */
  readonly member?: MemberCase;
  /** What the application depends on and lacks, when the verdict names it. */
  readonly dependency?: DependencyHop;
}

/** One cause, one file, pure. `undefined` = nothing speaks for it here. */
export interface Rule {
  readonly id: CauseId;
  readonly check: (hop: HopCase, file: CaseFile) => Verdict | undefined;
}

/** Names the rule's type where it is written, so that its arguments need no annotation. */
export function defineRule(rule: Rule): Rule {
  return rule;
}

/** A restart of the upstream cannot clear it, because the bad state is elsewhere. */
export function noRestart(why: string): Verdict["restart"] {
  return { helps: "no", why };
}

/** A restart clears it for now; the reason it happened stays. */
export function briefRestart(why: string): Verdict["restart"] {
  return { helps: "briefly", why };
}
