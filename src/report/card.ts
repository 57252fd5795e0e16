import type { ExplanationWords } from "../classify/diagnoses.ts";
import type { NotChecked, OtherCause, Proof, Report } from "./report.ts";

/** What a button asks for. The value is an opaque id: everything is looked up by it, nothing is read from it. */
export type ButtonAction = "approve" | "deny" | "lift" | "look-again" | "evidence";

/** Nobody repeats a click on these for us: it is acknowledged once it is stored. Others are acknowledged at once. */
export const DECISIONS: readonly ButtonAction[] = ["approve", "deny", "lift"];

export interface Button {
  readonly action: ButtonAction;
  /** Key of the intent, or the incident's number. */
  readonly value: string;
  readonly label: string;
  readonly style: "primary" | "danger" | "plain";
  /** A second question before it counts. */
  readonly confirm?: {
    readonly title: string;
    readonly text: string;
    readonly yes: string;
    readonly no: string;
  };
}

/** A restart that is offered, or what became of it; drawn from the stored intent alone. */
export interface ActionView {
  /** `Restart php8.2-fpm.service on origin-1`. */
  readonly title: string;
  /** `waiting for approval until 03:27 UTC`, `approved by ana`, `done`, `unknown: …`. */
  readonly status: string;
  readonly tone: "asking" | "working" | "ok" | "bad";
  /** What is bound, a line each: command, host and key, cause, what it takes along, who may approve. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Before and after, a line a hop, once it was sent. */
  readonly checks: readonly {
    readonly hop: string;
    readonly before: string;
    readonly after: string;
    readonly ok: boolean;
  }[];
  readonly hint?: string;
}

/** A host's looks while they run. */
export interface ProgressLine {
  readonly host: string;
  readonly state: "connecting" | "looking" | "done" | "failed";
  /** `12 of 20 looks`, `cannot be reached: …`. */
  readonly text: string;
}

/**
 * One incident as people see it: what every surface draws. No markup anywhere: **every string here may hold foreign text** and is
 * escaped by whoever draws it.
 */
export interface Card {
  readonly incident: number;
  readonly site: string;
  readonly url: string;
  readonly tone: "working" | "fault" | "warning" | "ok";
  /** The first line alone is the answer. */
  readonly headline: string;
  /** Set while looks run. */
  readonly progress: readonly ProgressLine[];
  /** The hops, outermost first, the broken one marked. */
  readonly hops: Report["hops"];
  readonly restart: Report["restart"] | null;
  /** Three at most. */
  readonly proof: readonly Proof[];
  readonly since: Report["since"];
  readonly lastChange: Report["lastChange"];
  readonly advice: readonly string[];
  /** One short paragraph of a model, labelled as such; never more than prose. */
  readonly explanation?: ExplanationWords;
  readonly action: ActionView | null;
  readonly buttons: readonly Button[];
  /** Small print: incident number, who opened it and when, how sure, how long it took. */
  readonly footer: readonly string[];
}

/** What stands in the thread beneath a card. */
export interface ThreadNote {
  /** Stable per incident and note: platforms that can, use it to drop a repetition. */
  readonly key: string;
  readonly text: string;
  readonly quotes: readonly string[];
  readonly details?: {
    readonly proof: readonly Proof[];
    readonly others: readonly OtherCause[];
    readonly notChecked: readonly NotChecked[];
  };
  /** Raw evidence, redacted. */
  readonly file?: { readonly name: string; readonly text: string };
  readonly loud: boolean;
}
