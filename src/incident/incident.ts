import type { Actor, Place } from "./person.ts";

/** What we track from the first alert or command to verified recovery. At most one is open per site. */
export interface Incident {
  /** 1, 2, 3 …: people say `#42`. */
  readonly number: number;
  readonly site: string;
  readonly url: string;
  readonly state: "open" | "closed";
  readonly openedAt: string;
  readonly openedBy: Actor;
  /** Who asked for the newest look: may not approve its restart where the site says so. */
  readonly askedBy: Actor;
  /** Title of the alert that opened it; foreign text. */
  readonly title?: string;
  readonly closedAt?: string;
  /** In people's words: `the site answers again, 5 of 5`. */
  readonly closedBecause?: string;
  /** Bumped by every change that a card or thread shows. */
  readonly version: number;
  /** Diagnoses that were asked for, and those that are done or given up; a look is due while they differ. */
  readonly looksWanted: number;
  readonly looksDone: number;
  /** Public answers without a gateway error in a row since the last diagnosis. */
  readonly goodProbes: number;
  /** Id of the newest diagnosis. */
  readonly diagnosis?: string;
  /** Why the last look failed, when it did: an operator's problem such as a changed host key. */
  readonly failure?: { readonly message: string; readonly hint: string };
  /** Why the restart that the newest diagnosis recommends is not offered. */
  readonly obstacle?: Obstacle;
}

/** `lifts`: key of the earlier restart that stands in the way, and that a person may set aside. */
export interface Obstacle {
  readonly message: string;
  readonly hint: string;
  readonly lifts?: string;
}

/** One message of an incident on one surface: the card, with its thread. */
export interface Post {
  readonly id: number;
  readonly incident: number;
  readonly place: Place;
  /** Absent until it is posted. */
  readonly messageId?: string;
  readonly threadId?: string;
  /** The incident's version that the card shows; behind `Incident.version`, it is due. */
  readonly shownVersion: number;
  /** Notes of the incident that its thread holds, counted from the first. */
  readonly notesShown: number;
}

/** What the thread tells: added once, never edited. */
export interface Note {
  /** 1, 2, 3 … within its incident. */
  readonly seq: number;
  readonly at: string;
  /** In people's words, ours. */
  readonly text: string;
  /** Foreign text beneath it: host output. */
  readonly quotes?: readonly string[];
  /** Evidence to attach as a file: the id of a diagnosis. */
  readonly evidenceOf?: string;
  /** Worth a notification: a decision is needed, or a restart was not proven. */
  readonly loud: boolean;
}

export type NewNote = Omit<Note, "seq" | "at">;
