import type { Intent, IntentState } from "../../src/approval/intent.ts";
import type { StorePlace } from "../../src/store/store-place.ts";
import type { DeathSentence, Line } from "./death.ts";
import type { Mishap } from "./mishap.ts";

/** What one life of a bot is for. */
export interface BotOrders {
  readonly place: StorePlace;
  /**
   * `work`: people ask and approve without end. `watch`: nobody does. `settle`: only what was approved is brought to its end. `tell`: what
   * the store knows.
   */
  readonly mode: "work" | "watch" | "settle" | "tell";
  /** Numbers of the host's units, one site each. */
  readonly units: readonly number[];
  readonly host: HostOrders;
  readonly death?: DeathSentence;
  /** Befalls it again and again until people have had enough. */
  readonly mishap?: Mishap;
  /** Looking at this site ends the process each time. */
  readonly poison?: string;
}

/** How the units' host is reached. */
export type HostOrders =
  | {
      readonly kind: "ssh";
      readonly address: string;
      readonly identityFile: string;
      readonly knownHostsFile: string;
    }
  | { readonly kind: "stand-in"; readonly socket: string };

/** One line of what it tells. */
export type Told =
  | { readonly kind: "found"; readonly state: IntentState }
  | { readonly kind: "ready" }
  | { readonly kind: "approved"; readonly key: string }
  | { readonly kind: "dying"; readonly line: Line }
  | { readonly kind: "pausing"; readonly line: Line | "clock" }
  | { readonly kind: "clock-set"; readonly line: Line | "clock"; readonly offsetMs: number }
  | { readonly kind: "settled" }
  | { readonly kind: "intent"; readonly intent: Intent }
  | { readonly kind: "audit"; readonly status: string }
  | { readonly kind: "error"; readonly message: string; readonly fields: object };
