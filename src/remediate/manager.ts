import type { ServiceRef } from "../approval/intent.ts";
import type { PlanRun } from "../collect/run-plan.ts";
import type { Look } from "../plan/plan.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import type { ServiceReading } from "./service-control.ts";

/** What somebody wants to know before a restart may be offered. */
export interface ReadOptions {
  /** A used-up start budget may be reset. */
  readonly resetBudget: boolean;
  /** Units of proxies: they are never taken along. */
  readonly proxyUnits: readonly string[];
  /** Units that the config adds to those that are never restarted. */
  readonly neverRestart: readonly string[];
}

/** A reading before the connection's host key is added; or the canonical name to read instead. */
export type Judged =
  | Omit<Extract<ServiceReading, { readonly kind: "read" }>, "hostKey">
  | Exclude<ServiceReading, { readonly kind: "read" }>
  | { readonly kind: "renamed"; readonly service: ServiceRef };

/** One look of ours: words, as ourselves. */
export function lookOf(
  id: string,
  argv: readonly string[],
  bounds: { readonly timeoutMs?: number; readonly maxBytes?: number } = {},
): Look {
  const { timeoutMs = 10_000, maxBytes = 65_536 } = bounds;
  return {
    id,
    probe: `service.${id}`,
    params: {},
    action: { kind: "run", argv },
    as: "self",
    timeoutMs,
    maxBytes,
  };
}

/** The result of the look with that id. */
export function resultOf({ results }: PlanRun, id: string): ProbeResult {
  const found = results.find((result) => result.id === id);
  if (found === undefined) throw new TypeError(`There is no look ${id}.`);
  return found;
}

/** What it printed if it ended with 0. */
export function outputOf(run: PlanRun, id: string): string | undefined {
  const { outcome, output } = resultOf(run, id);
  return outcome.kind === "exited" && outcome.exitCode === 0 ? output : undefined;
}

/** Why a look brought nothing, in one phrase. */
export function sayOutcome({ outcome, output }: ProbeResult): string {
  switch (outcome.kind) {
    case "exited":
      return output.trim().split("\n").at(-1)?.slice(0, 200) || `it ended with ${outcome.exitCode}`;
    case "timed-out":
      return `no end within ${outcome.timeoutMs / 1000} s`;
    case "missing":
      return `${outcome.what} is not there`;
    case "denied":
      return `not allowed: ${outcome.need}`;
    case "no-answer":
      return outcome.reason;
  }
}

/** This boot of the host; empty when it did not say. */
export function bootIdOf(run: PlanRun): string {
  return /^boot_id=([0-9a-f-]{36})$/m.exec(resultOf(run, "host.facts").output)?.[1] ?? "";
}

/** When the host was booted, epoch ms of its own clock; undefined when it did not say. */
export function bootedAtMsOf(run: PlanRun, nowMs: number | undefined): number | undefined {
  const uptime = /^uptime=([0-9]{1,10}(?:\.[0-9]{1,3})?)$/m.exec(resultOf(run, "host.facts").output)?.[1];
  return uptime === undefined || nowMs === undefined ? undefined : nowMs - Number(uptime) * 1000;
}
