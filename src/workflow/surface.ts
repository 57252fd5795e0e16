import type { Person, Place, SurfaceName } from "../incident/person.ts";
import type { Button, ButtonAction, Card, ThreadNote } from "../report/card.ts";

export interface PostedMessage {
  readonly messageId: string;
  /** Where replies go. */
  readonly threadId: string;
}

/** What a platform said no with. `gone`: message or channel is gone for good, or we may not write there. `later`: try again after `retryAfterMs`. */
export class SurfaceError extends Error {
  readonly kind: "gone" | "later";
  readonly retryAfterMs: number;
  constructor(
    kind: "gone" | "later",
    message: string,
    options: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "SurfaceError";
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? 5000;
  }
}

/** One platform that cards are shown on. Every method throws `SurfaceError`, and nothing else, for what the platform refuses. */
export interface Surface {
  readonly name: SurfaceName;
  /** Between two edits of one message, in the long run: news may come two edits early. All messages together show mere progress at two thirds of that pace. */
  readonly editEveryMs: number;
  /** `key`: the same one again is the same message, where the platform can tell. */
  post(place: Place, card: Card, key: string): Promise<PostedMessage>;
  update(place: Place, message: PostedMessage, card: Card): Promise<void>;
  reply(place: Place, message: PostedMessage, note: ThreadNote): Promise<void>;
  /** Is this person in the group (Slack `S…`) or role (Discord `role:…`) right now? @throws when the platform cannot say. */
  isMember(group: string, person: Person): Promise<boolean>;
  /** Where alerts without a channel of their own to name go: Slack's team, Discord's guild; undefined until the platform has told. */
  workspace(): string | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A button somebody pressed, from the platform's verified payload. */
export interface Press {
  readonly action: ButtonAction;
  readonly value: string;
  readonly person: Person;
  readonly place: Place;
  /** The message the button was on. */
  readonly messageId: string;
}

/** What the person who asked is told, privately; plain text, escaped by the surface. */
export interface Reply {
  readonly text: string;
  /** The command named no site: these can be offered to choose from. */
  readonly sites?: readonly string[];
}

/** What surfaces call. Nothing here waits for a diagnosis: each answer is there within milliseconds. */
export interface Bot {
  /** `/diagnose502 <text>`: a site, `list`, `status` or `help`. */
  command(text: string, from: { readonly person: Person; readonly place: Place }): Promise<Reply>;
  /** Names of sites that begin with or hold `prefix`, at most `limit`; from memory. */
  suggestSites(prefix: string, limit: number): readonly string[];
  press(press: Press): Promise<Reply>;
  /** What the buttons of a message are now; none when it is not one of ours. */
  buttonsOn(place: Place, messageId: string): Promise<readonly Button[]>;
  /** Cards of the open incidents, newest first, as the console shows them. */
  openIncidents(limit: number): Promise<readonly Card[]>;
  /** The same and those that ended lately; for a surface that keeps nothing itself. */
  recentIncidents?(limit: number): Promise<readonly Card[]>;
  /** The card of one incident and what its thread holds. */
  incident(
    number: number,
  ): Promise<{ readonly card: Card; readonly notes: readonly ThreadNote[] } | undefined>;
}
