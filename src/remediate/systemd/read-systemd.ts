import type { ServiceIdentity } from "../../approval/intent.ts";
import { type HostFacts, parseHostFacts } from "../../collect/host-facts.ts";
import type { PlanRun } from "../../collect/run-plan.ts";
import type { Look } from "../../plan/plan.ts";
import { parseUnits } from "../../topology/parse-units.ts";
import type { UnitState } from "../../topology/target.ts";
import { parseHelperAnswer } from "../helper-answer.ts";
import {
  bootedAtMsOf,
  bootIdOf,
  type Judged,
  lookOf,
  outputOf,
  type ReadOptions,
  resultOf,
  sayOutcome,
} from "../manager.ts";
import { HELPER_PATH, makeRestartWords } from "../restart-words.ts";
import { makeHistoryWords, parseHistory, type UnitHistory } from "./read-starts.ts";
import { refuseCompany, refuseState } from "./refuse-unit.ts";
import { startsLeft } from "./start-budget.ts";
import { findTakenAlong } from "./taken-along.ts";

/** In UTC, and without `--timestamp=unix`: systemd before 251 refuses that. */
const SHOW = ["env", "TZ=UTC0", "systemctl", "show", "--no-pager"] as const;
const BONDS = "Id,Names,LoadState,ActiveState,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo";
const STATE = `${BONDS},SubState,Result,UnitFileState,FragmentPath,InvocationID,NRestarts,StartLimitBurst,StartLimitIntervalUSec,StartLimitInterval,ActiveEnterTimestamp,InactiveEnterTimestamp,ExecMainStartTimestamp,ExecMainCode,RefuseManualStart,RefuseManualStop,Job`;
/** Kinds of units that declare bonds to services. */
const KINDS = ["service", "socket", "target", "timer", "path", "mount", "scope"];

/** Everything about one unit that decides whether it may be restarted, in one round. */
export function makeUnitLooks(unit: string): readonly Look[] {
  return [
    lookOf("unit", [...SHOW, `--property=${STATE}`, "--", unit]),
    lookOf("bonds", [...SHOW, `--property=${BONDS}`, ...KINDS.map((kind) => `*.${kind}`)], {
      maxBytes: 262_144,
    }),
    lookOf("history", makeHistoryWords(unit), { maxBytes: 131_072 }),
    lookOf("helper", [HELPER_PATH, "check", unit]),
    lookOf("sudo-helper", ["sudo", "-n", HELPER_PATH, "check", unit]),
    lookOf("sudo", ["sudo", "-n", "-l", "systemctl", "restart", "--", unit]),
  ];
}

/** Whether the unit that was looked at may be restarted, and how. */
export function judgeUnit(asked: string, run: PlanRun, options: ReadOptions): Judged {
  const shown = outputOf(run, "unit");
  const bonds = resultOf(run, "bonds");
  if (shown === undefined) {
    return unreadable(
      `systemd did not show ${asked}: ${sayOutcome(resultOf(run, "unit"))}`,
      "Run the diagnosis again; if it persists, try systemctl show on the host.",
    );
  }
  const facts = parseHostFacts(resultOf(run, "host.facts").output);
  const { utcOffsetMinutes } = facts;
  const [unit] = parseUnits(shown, { utcOffsetMinutes });
  if (unit === undefined)
    return unreadable(`systemd showed nothing about ${asked}`, "Check the unit's name.");

  const heard = outputOf(run, "history");
  const isWhole = heard !== undefined && !resultOf(run, "history").truncated;
  const history = parseHistory(heard ?? "", { isWhole });
  const refusal = refuseState(unit, { ...options, asked, shown, history });
  if (refusal !== undefined) return refusal;
  if (unit.unit !== asked) return { kind: "renamed", service: { manager: "systemd", unit: unit.unit } };

  if (bonds.outcome.kind !== "exited" || bonds.truncated) {
    return unreadable(
      `it cannot be known what a restart of ${asked} would take along: ${bonds.truncated ? "the list of units is too long" : sayOutcome(bonds)}`,
      "Restart it by hand, after systemctl list-dependencies --reverse on the host.",
    );
  }
  const along = findTakenAlong(unit, parseUnits(bonds.output, { utcOffsetMinutes }));
  const company = refuseCompany(unit.unit, along, options);
  if (company !== undefined) return company;

  const identity: ServiceIdentity = {
    id: unit.unit,
    invocation: unit.invocationId ?? "none",
    bootId: bootIdOf(run),
  };
  const takesAlong = along.map((one) => one.unit).toSorted();
  const clock = { nowMs: facts.epochMs, bootedAtMs: bootedAtMsOf(run, facts.epochMs) };
  return judgeMeans(unit, run, { facts, clock, history, identity, takesAlong, ...options });
}

/** By which words it would be restarted, and whether its start budget lets it come up again. */
function judgeMeans(
  unit: UnitState,
  run: PlanRun,
  known: ReadOptions & {
    readonly facts: HostFacts;
    readonly clock: { readonly nowMs: number | undefined; readonly bootedAtMs: number | undefined };
    readonly history: UnitHistory;
    readonly identity: ServiceIdentity;
    readonly takesAlong: readonly string[];
  },
): Judged {
  const { facts, identity, takesAlong } = known;
  const answer = parseHelperAnswer(outputOf(run, facts.isRoot ? "helper" : "sudo-helper") ?? "");
  const helper = answer?.word === "known";
  if (!helper && !facts.isRoot && outputOf(run, "sudo") === undefined) {
    return unreadable(
      `${facts.user ?? "the login"} may not restart ${unit.unit}: ${sayOutcome(resultOf(run, "sudo"))}`,
      "diagnose502 harden prints the sudoers line and the helper for this host.",
    );
  }
  const left = startsLeft(unit, known.history, known.clock);
  if (left === "unknown" && !known.resetBudget) {
    return unreadable(
      `the recent starts of ${unit.unit} cannot be read, so a restart might only stop it`,
      "Put the login into the group systemd-journal (or adm), so that it may read the journal. If it may: the journal does not reach back far enough.",
    );
  }
  const resetsBudget = left === 0 || left === "unknown";
  if (resetsBudget && !known.resetBudget) {
    return refused(
      `systemd would stop ${unit.unit} and refuse to start it: all ${unit.startLimitBurst} starts of its limit are used up`,
      `Mend why it keeps dying, then: systemctl reset-failed ${unit.unit} && systemctl start ${unit.unit}. restart.resetStartBudget in the config lets an approved restart do so.`,
    );
  }
  if (resetsBudget && answer?.fields.get("reset") !== "yes") {
    return refused(
      `the start limit of ${unit.unit} is used up, and there is no helper on the host that may reset it`,
      "Install what diagnose502 harden prints for this host.",
    );
  }
  const service = { manager: "systemd", unit: unit.unit } as const;
  return {
    kind: "read",
    identity,
    risk: { takesAlong, startsLeft: typeof left === "number" ? left : null, resetsBudget },
    argv: makeRestartWords(service, identity, { isRoot: facts.isRoot, helper, resetsBudget }),
    state: `${unit.activeState} (${unit.subState})`,
    helper,
  };
}

function refused(why: string, hint: string): Judged {
  return { kind: "refused", why, hint };
}

function unreadable(why: string, hint: string): Judged {
  return { kind: "unreadable", why, hint };
}
