import type { PlanRun } from "../../src/collect/run-plan.ts";
import type { ProbeOutcome, ProbeResult } from "../../src/playbook/probe-result.ts";

export const BOOT_ID = "5bf1c2ee-6e2f-4a6e-9c5a-0e3f8a1b2c3d";

/** What one look brought: what it printed before it ended with 0, or how else it ended. */
export type Answer = string | readonly [outcome: ProbeOutcome | number, output?: string];

export function makeResult(id: string, answer: Answer): ProbeResult {
  const [end, output = ""] = typeof answer === "string" ? [0, answer] : answer;
  const outcome: ProbeOutcome = typeof end === "number" ? { kind: "exited", exitCode: end } : end;
  const looked = { probe: `service.${id}`, id, host: "app-1", round: 1, params: {} } as const;
  return { ...looked, outcome, output, truncated: false };
}

/** What a host says about itself. */
export function factsOf({
  uid = 1000,
  bootId = BOOT_ID,
}: {
  readonly uid?: number;
  readonly bootId?: string;
} = {}): string {
  return `uid=${uid}\nuser=diag\nepoch=1795231062.500\noffset=+0000\nboot_id=${bootId}\n`;
}

/** What a host said to the looks of those ids, and about itself. */
export function makeRun(
  answers: Readonly<Record<string, Answer>>,
  about: Parameters<typeof factsOf>[0] = {},
): PlanRun {
  const all = Object.entries({ "host.facts": factsOf(about), ...answers });
  return { results: all.map(([id, answer]) => makeResult(id, answer)) };
}
