import type { ServiceOverride } from "../intake/diagnosis-request.ts";
import type { CauseId } from "./cause.ts";

/** Between whom the request broke. */
export type Hop = "edge->proxy" | "proxy" | "proxy->upstream" | "upstream" | "upstream->dependency" | "none";

/** One thing that was seen, with the text that proves it. */
export interface Finding {
  /** `f1`, `f2`, …; candidates refer to it. */
  readonly id: string;
  /** What was looked at, for example `unit-state`, `proxy-error-log`, `connect-from-proxy`. */
  readonly check: string;
  readonly host: string;
  readonly summary: string;
  /** Verbatim, cleaned and redacted. */
  readonly quote?: string;
  /** ISO-8601 UTC, corrected to our clock. */
  readonly at?: string;
}

interface Candidate {
  readonly id: CauseId;
  /** 0 to 1. */
  readonly confidence: number;
  readonly for: readonly string[];
  readonly against: readonly string[];
}

export type RestartHelps = "yes" | "briefly" | "no";

/** The answer: schema `diagnose502/1`, exactly as `--json` prints it. */
export interface Diagnosis {
  readonly schema: "diagnose502/1";
  readonly site: string;
  readonly url: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly client: { readonly status: number | null; readonly mintedBy: "edge" | "proxy" | "app" | "none" };
  readonly outcome: "fault" | "healthy" | "recovered" | "not-a-gateway-error" | "inconclusive";
  /** Null for healthy and inconclusive. */
  readonly cause: {
    readonly id: CauseId;
    readonly confidence: number;
    readonly hop: Hop;
    readonly summary: string;
    readonly restartHelps: RestartHelps;
    /** Why a restart would not help, or only briefly. */
    readonly restartWhy: string;
    readonly evidence: readonly string[];
  } | null;
  readonly candidates: readonly Candidate[];
  readonly findings: readonly Finding[];
  readonly onset: {
    readonly first502At?: string;
    /** Share of gateway errors among the requests seen since onset, 0 to 1. */
    readonly share?: number;
    readonly perMinute?: readonly {
      readonly at: string;
      readonly errors: number;
      readonly requests: number;
    }[];
    readonly lastChange?: { readonly what: string; readonly at: string };
  };
  readonly remediation: {
    readonly kind: "restart-upstream";
    readonly host: string;
    /** The unit, or what the service is called within its manager. */
    readonly unit: string;
    /** Absent for a unit of systemd. */
    readonly service?: Exclude<ServiceOverride, { readonly kind: "systemd" }>;
    readonly recommended: boolean;
    readonly why: string;
  } | null;
  readonly advice: readonly string[];
  readonly notChecked: readonly {
    readonly check: string;
    readonly host: string;
    readonly reason: string;
    readonly fix?: string;
  }[];
  /** The hops as they were found, outermost first. */
  readonly hops: readonly {
    readonly name: string;
    readonly host: string;
    readonly state: "ok" | "broken" | "unknown";
    /** It stands beside the hop before it (another proxy, another member), not behind it. */
    readonly beside?: true;
  }[];
}
