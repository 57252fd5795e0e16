import type { AuditEntry } from "./audit.ts";
import type { Incident, NewNote, Note, Obstacle, Post } from "./incident.ts";
import type { Actor, Place } from "./person.ts";

/** A change to an incident's row; absent keys stay as they are. */
export interface IncidentChange {
  readonly state?: "closed";
  readonly closedBecause?: string;
  /** One more diagnosis is asked for, and by whom. */
  readonly wantLook?: { readonly by: Actor };
  /** This many diagnoses are done. */
  readonly looksDone?: number;
  readonly diagnosis?: string;
  /** Null: the last look did not fail. */
  readonly failure?: { readonly message: string; readonly hint: string } | null;
  /** Null: nothing stands in the way of a restart. */
  readonly obstacle?: Obstacle | null;
  readonly goodProbes?: number;
  /** Told in the thread. */
  readonly notes?: readonly NewNote[];
  /** Nothing that people see changed: the version stays. */
  readonly silent?: true;
}

/** Whether we may write to a post: not while another holds it, and not any more once it is gone. */
type PostClaim =
  | { readonly kind: "ours"; readonly post: Post }
  | { readonly kind: "held" }
  | { readonly kind: "gone" };

/**
 * The incidents we know, kept by our own tables. Each call is one transaction, its audit rows included: no row, no act.
 * Times are ISO-8601 UTC, from the clock the store was opened with.
 */
export interface Incidents {
  /** Opens an incident, or joins the open one of the same site; `looksWanted` is 1 for a new one. */
  openOrJoin(
    request: {
      readonly site: string;
      readonly url: string;
      readonly openedBy: Actor;
      readonly title?: string;
    },
    audit: AuditEntry,
  ): Promise<{ readonly incident: Incident; readonly isNew: boolean }>;
  find(number: number): Promise<Incident | undefined>;
  findOpen(site: string): Promise<Incident | undefined>;
  /** Open ones first, then the newest. `isDue`: those that a look was asked for. */
  list(options: {
    readonly state?: "open" | "closed";
    readonly isDue?: true;
    readonly limit: number;
  }): Promise<readonly Incident[]>;
  /** `whenOpen`: only if it is still open. Undefined when nothing was changed. */
  change(
    number: number,
    change: IncidentChange,
    audit: readonly AuditEntry[],
    options?: { readonly whenOpen?: boolean },
  ): Promise<Incident | undefined>;
  notes(number: number, options?: { readonly after?: number }): Promise<readonly Note[]>;

  /**
   * The post of the incident at this place; made if there is none. One a place and incident, whoever asks first. `anew`: one that is gone
   * gives way to a new one, with a message and a thread of its own.
   */
  ensurePost(incident: number, place: Place, options?: { readonly anew?: boolean }): Promise<Post>;
  posts(incident: number): Promise<readonly Post[]>;
  /** The post a click claims to come from. */
  findPost(place: Place, messageId: string): Promise<Post | undefined>;
  /** Takes the right to write to this post for `holdMs`, so that two replicas do not post twice. */
  claimPost(id: number, holder: string, holdMs: number): Promise<PostClaim>;
  /** What the platform answered. Only the holder's word counts; it keeps the claim until `release`. */
  savePost(
    id: number,
    holder: string,
    change: {
      readonly messageId?: string;
      readonly threadId?: string;
      readonly shownVersion?: number;
      readonly notesShown?: number;
      /** Message or channel is gone: never due again, until somebody asks there and it is made anew. */
      readonly gone?: true;
      /** Others may write again. */
      readonly release?: true;
    },
  ): Promise<void>;
  /** Incidents with a post that is behind. */
  incidentsWithDuePosts(): Promise<readonly number[]>;
}
