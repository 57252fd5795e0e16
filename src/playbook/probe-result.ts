/** How one probe ended on one host. A broken host is a value: none of these is an exception. */
export type ProbeOutcome =
  | { readonly kind: "exited"; readonly exitCode: number }
  /** The far side killed it after `timeoutMs`. */
  | { readonly kind: "timed-out"; readonly timeoutMs: number }
  /** The program is not on the host (exit 127), or the file to read is not there. */
  | { readonly kind: "missing"; readonly what: string }
  /** We may not: `need` is the exact right that is missing (a sudoers line, a group). */
  | { readonly kind: "denied"; readonly need: string }
  /** No frame came back: the connection broke or the deadline struck first. */
  | { readonly kind: "no-answer"; readonly reason: string };

/** What one probe returned from one host: plain JSON, cleaned and redacted, so it can be stored and replayed. */
export interface ProbeResult {
  /** `<playbook>.<probe>`, for example `nginx.config`. */
  readonly probe: string;
  /** Unique within one host and round; `<probe>` or `<probe>#<n>` for the n-th instance. */
  readonly id: string;
  readonly host: string;
  readonly round: 1 | 2;
  /** The typed values that filled the template, for example `{ path: "/var/log/nginx/error.log" }`. */
  readonly params: Readonly<Record<string, string>>;
  readonly outcome: ProbeOutcome;
  /** Standard output and error together: UTF-8, no control characters but newline and tab, secrets masked. */
  readonly output: string;
  /** True when the byte or line cap cut it. */
  readonly truncated: boolean;
}
