import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import type { ConnectFailure } from "./shell.ts";

/** One answer (or none) of the public URL. */
export interface PublicSample {
  /** `public`: where DNS led; else the address it was pinned to, SNI and Host kept. */
  readonly via: "public" | { readonly pinned: string };
  /** ISO-8601 UTC, our clock. */
  readonly at: string;
  /** Null when no status line came. */
  readonly status: number | null;
  readonly error?: {
    readonly phase: "dns" | "connect" | "tls" | "request" | "response";
    readonly code: string;
    readonly message: string;
  };
  readonly phasesMs: {
    readonly dns?: number;
    readonly connect?: number;
    readonly tls?: number;
    readonly firstByte?: number;
    readonly total: number;
  };
  /** The address that was really connected to. */
  readonly address?: string;
  readonly tls?: {
    readonly protocol: string;
    readonly cipher: string;
    readonly subject: string;
    readonly issuer: string;
    readonly names: readonly string[];
    readonly notAfter: string;
    readonly trusted: boolean;
    readonly problem?: string;
  };
  /** Lower-case names; only the ones that tell who answered (server, via, x-cache, cf-*, …). */
  readonly headers: Readonly<Record<string, string>>;
  /** First 4 KiB of the body, cleaned and redacted. */
  readonly bodyStart: string;
}

/** What became of one machine. Clock: theirs minus ours, to correct the times in its logs. */
export interface HostVisit {
  readonly host: string;
  readonly status: "looked" | "unreachable" | "lost";
  readonly failure?: ConnectFailure;
  readonly reason?: string;
  readonly connectMs?: number;
  readonly clockSkewMs?: number;
  /** Offset of its local time from UTC, minutes, now. */
  readonly utcOffsetMinutes?: number;
}

/** Everything that was seen, as plain JSON: what `--save` writes and `replay` reads. */
export interface Evidence {
  readonly request: DiagnosisRequest;
  /** ISO-8601 UTC, our clock. */
  readonly startedAt: string;
  readonly visits: readonly HostVisit[];
  readonly results: readonly ProbeResult[];
  readonly samples: readonly PublicSample[];
}
