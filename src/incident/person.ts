/** Where people talk to the bot. */
export type SurfaceName = "slack" | "discord" | "console";

/** A person as the platform's verified payload names them. Rights hang on `surface`, `workspace` and `id`, never on the name. */
export interface Person {
  readonly surface: SurfaceName;
  /** Slack team id, Discord guild id; `local` on the console. */
  readonly workspace: string;
  /** Immutable id: Slack user id, Discord user id, login name of the console. */
  readonly id: string;
  /** For display only; foreign text. */
  readonly name: string;
}

/** One channel of one surface. */
export interface Place {
  readonly surface: SurfaceName;
  readonly workspace: string;
  readonly channel: string;
}

/** Who did something. */
export type Actor =
  | { readonly kind: "person"; readonly person: Person }
  | { readonly kind: "alert"; readonly source: string }
  | { readonly kind: "bot" };
