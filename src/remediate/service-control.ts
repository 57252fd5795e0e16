import type { Intent, RestartRisk, ServiceIdentity, ServiceRef } from "../approval/intent.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";

/** What a service looks like now, and whether it may be restarted at all. */
export type ServiceReading =
  | {
      readonly kind: "read";
      readonly identity: ServiceIdentity;
      /** `SHA256:…` of the key the host presented; `local` for this machine. */
      readonly hostKey: string;
      readonly risk: RestartRisk;
      /** The words that would run. */
      readonly argv: readonly string[];
      /** `active (running)`, as its manager says it. */
      readonly state: string;
      /** Our helper is there: a restart is known by its key. Without it an interrupted restart may stay `unknown`. */
      readonly helper: boolean;
    }
  /** It must not be restarted: on the never-touch list, masked, stopped by a person, no budget, takes a proxy along, … */
  | { readonly kind: "refused"; readonly why: string; readonly hint: string }
  | { readonly kind: "unreadable"; readonly why: string; readonly hint: string };

/** How a restart that was sent ended. */
export type RestartOutcome =
  /** The host says that this key restarted the service, once. */
  | { readonly kind: "done"; readonly identity: ServiceIdentity; readonly text: string }
  /** The host refused before anything happened: another key was there first, the service is not the one that was approved. */
  | { readonly kind: "refused"; readonly text: string; readonly hint: string }
  /** It was tried and the manager reports failure: the service may be down. */
  | { readonly kind: "failed"; readonly text: string; readonly hint: string }
  /** It never arrived, and cannot any more: the key is taken. */
  | { readonly kind: "not-done"; readonly text: string }
  /** Sent, and no answer: ask. Never send again. */
  | { readonly kind: "no-answer"; readonly text: string }
  /** Asked, and it cannot be known. */
  | { readonly kind: "unknown"; readonly text: string; readonly hint: string };

/** The one hand we have on hosts. Nothing here throws for a broken host. */
export interface ServiceControl {
  read(
    host: HostAccess,
    service: ServiceRef,
    options: {
      readonly resetBudget: boolean;
      readonly proxyUnits: readonly string[];
      readonly signal?: AbortSignal;
    },
  ): Promise<ServiceReading>;
  /**
   * Runs `intent.argv`. Call it once per key, after the intent was moved to `sent`; never again, whatever it says. `isFresh`: asked at the last
   * moment, when the host is reached; false, and nothing is sent.
   */
  restart(
    host: HostAccess,
    intent: Intent,
    options: { readonly signal?: AbortSignal; readonly isFresh?: () => boolean },
  ): Promise<RestartOutcome>;
  /** After a crash or a lost answer: what became of the key; a free one is taken, so that a late command finds it used. */
  ask(host: HostAccess, intent: Intent, options: { readonly signal?: AbortSignal }): Promise<RestartOutcome>;
  /** Removes what the restart left on the host (its marker), once it is proven or given up. */
  forget(host: HostAccess, intent: Intent): Promise<void>;
}
