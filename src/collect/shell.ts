import type { HostAccess } from "../intake/diagnosis-request.ts";

/** How running one script on one host ended. */
export type ScriptEnd =
  | { readonly kind: "closed"; readonly exitCode: number | null }
  | { readonly kind: "deadline" }
  | { readonly kind: "too-much-output" }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "aborted" };

export interface ScriptLimits {
  /** From the call to the last byte. */
  readonly deadlineMs: number;
  /** Beyond this the connection is destroyed. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** Sees bytes as they arrive; return true once everything needed is here, and the call ends as `closed`. */
  readonly onBytes: (chunk: Buffer) => boolean;
}

/** One open connection to one host. */
export interface ShellConnection {
  /** Round trip of the handshake, for deadlines and clock comparison. */
  readonly rttMs: number;
  /** `SHA256:…` of the key the host presented; `local` for this machine. Absent: a recording. */
  readonly hostKey?: string;
  /** Sends one POSIX sh script to `sh -s` (stdin) and streams what it prints. Never throws for a broken host. */
  runScript(script: string, limits: ScriptLimits): Promise<ScriptEnd>;
  /** Another script will follow soon: what it needs may be made ready while this one runs. */
  prepare?(): void;
  close(): void;
}

/** Why no connection came about. A wrong or unknown host key is not here: that throws. */
export interface ConnectFailure {
  readonly kind:
    | "unresolved"
    | "refused"
    | "unreachable"
    | "timed-out"
    | "closed-early"
    | "auth-refused"
    | "no-common-algorithm";
  /** One sentence: what was seen, with the address. */
  readonly reason: string;
  /** What to do next. */
  readonly hint: string;
}

/** The edge to hosts: SSH, this machine, or a recording. */
export interface Shell {
  /** @throws {OperatorError} on a host-key problem, an unreadable key file or a missing passphrase. */
  connect(
    host: HostAccess,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<
    | { readonly ok: true; readonly connection: ShellConnection }
    | { readonly ok: false; readonly failure: ConnectFailure }
  >;
  close(): Promise<void>;
}
