import type { Redact } from "../collect/redact.ts";
import { type PlanRun, runPlan } from "../collect/run-plan.ts";
import type { Shell, ShellConnection } from "../collect/shell.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { OperatorError } from "../operator-error.ts";
import type { Look } from "../plan/plan.ts";

const CONNECT_TIMEOUT_MS = 10_000;

export interface Stoppable {
  readonly signal?: AbortSignal;
}

/** Runs a few looks, or one change, on a host that showed the key it must have. */
export type RunOn = (
  host: HostAccess,
  looks: readonly Look[],
  options: Stoppable & {
    readonly hostKey?: string;
    /** Asked at the last moment, when the host is reached; false, and nothing is sent. */
    readonly isFresh?: () => boolean;
  },
) => Promise<
  | { readonly kind: "ran"; readonly run: PlanRun; readonly hostKey: string }
  /** Nothing was sent. `isLate`: it was not fresh any more. */
  | {
      readonly kind: "not-run";
      readonly why: string;
      readonly hint: string;
      readonly isLate?: true;
    }
>;

export function createRunOn(
  {
    shell,
    now,
    random,
    redact,
  }: {
    readonly shell: Shell;
    /** Takes the bot's own secrets out of what the host prints, too. */
    readonly redact: Redact;
    readonly now: () => number;
    readonly random: (bytes: number) => Buffer;
  },
  { maxRoundMs }: { readonly maxRoundMs: number },
): RunOn {
  async function connect(
    host: HostAccess,
    stop: Stoppable,
  ): Promise<ShellConnection | { readonly why: string; readonly hint: string }> {
    try {
      const connected = await shell.connect(host, { ...stop, timeoutMs: CONNECT_TIMEOUT_MS });
      if (connected.ok) return connected.connection;
      return { why: connected.failure.reason, hint: connected.failure.hint };
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return { why: error.message, hint: error.hint };
    }
  }

  return async (host, looks, { hostKey, signal, isFresh }) => {
    const stop = signal === undefined ? {} : { signal };
    const connection = await connect(host, stop);
    if ("why" in connection) return { kind: "not-run", ...connection };
    try {
      const shown = connection.hostKey ?? "";
      if (hostKey !== undefined && hostKey !== shown) {
        return {
          kind: "not-run",
          why: `${host.name} shows the host key ${shown}, and ${hostKey} was approved`,
          hint: "Find out why the host has another key, then look again.",
        };
      }
      if (isFresh?.() === false) {
        return {
          kind: "not-run",
          why: "the bot was held up after its last check, or its clock was set",
          hint: "Look again.",
          isLate: true,
        };
      }
      const run = await runPlan(
        connection,
        { host: host.name, round: 1, looks },
        { ...stop, now, random, redact, onProgress: () => undefined, maxRoundMs },
      );
      return { kind: "ran", run, hostKey: shown };
    } finally {
      connection.close();
    }
  };
}
