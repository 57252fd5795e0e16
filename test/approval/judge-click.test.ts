import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent, IntentState } from "../../src/approval/intent.ts";
import { judgeClick, tellEnd } from "../../src/approval/judge-click.ts";
import type { Person, SurfaceName } from "../../src/incident/person.ts";
import { ANA, BEN, makeTestIntent, NOW } from "./intent.ts";

const APPROVERS = {
  slack: ["U1", "S9"],
  discord: ["123456789012345678", "role:223456789012345678"],
  console: ["ada"],
};
const NOBODY = { slack: [], discord: [], console: [] };
const STATES: readonly IntentState[] = [
  "awaiting",
  "approved",
  "sent",
  "done",
  "refused",
  "not-done",
  "unknown",
  "denied",
  "expired",
  "superseded",
];
const PEOPLE: readonly {
  readonly person: Person;
  readonly groups: readonly string[];
  readonly listed: boolean;
}[] = [
  { person: ANA, groups: [], listed: true },
  { person: BEN, groups: [], listed: false },
  { person: BEN, groups: ["S9"], listed: true },
  { person: BEN, groups: ["S8", "role:223456789012345678", "U1"], listed: false },
  { person: person("slack", "ada"), groups: [], listed: false },
  { person: { ...BEN, name: "U1" }, groups: [], listed: false },
  { person: person("discord", "123456789012345678"), groups: [], listed: true },
  { person: person("discord", "U1"), groups: [], listed: false },
  { person: person("discord", "9"), groups: ["role:223456789012345678"], listed: true },
  { person: person("discord", "9"), groups: ["S9"], listed: false },
  { person: person("discord", "role:223456789012345678"), groups: [], listed: true },
  { person: person("console", "ada"), groups: [], listed: true },
  { person: person("console", "S9"), groups: ["S9"], listed: false },
];

function person(surface: SurfaceName, id: string): Person {
  return { surface, workspace: "T1", id, name: id };
}

test("every mix of person, right, state, message, place and time decides exactly when all of them allow it", () => {
  let cases = 0;
  for (const { person: who, groups, listed } of PEOPLE)
    for (const approvers of [APPROVERS, NOBODY])
      for (const state of STATES)
        for (const postIncident of [7, 8, undefined])
          for (const workspace of ["T1", "T2"])
            for (const isLate of [false, true])
              for (const answer of ["approve", "deny"] as const) {
                cases += 1;
                const allowed =
                  listed &&
                  approvers === APPROVERS &&
                  state === "awaiting" &&
                  postIncident === 7 &&
                  workspace === "T1" &&
                  !isLate;
                const judgement = judgeClick(
                  {
                    answer,
                    person: who,
                    place: { surface: who.surface, workspace, channel: "C1" },
                    postIncident,
                  },
                  makeTestIntent({ state }),
                  {
                    approvers,
                    selfApproval: true,
                    groups: new Set(groups),
                    now: NOW + (isLate ? 180_000 : 0),
                  },
                );
                const expected = allowed ? "counts" : "refused";
                assert.equal(
                  judgement.kind,
                  expected,
                  JSON.stringify({ who, groups, state, postIncident, answer }),
                );
                assert.ok(judgement.told.length > 10);
                if (judgement.kind === "counts")
                  assert.equal(judgement.move, answer === "approve" ? "approved" : "denied");
              }
  assert.ok(cases >= 2000, `${cases}`);
});

const SLACK_THREE = { ...NOBODY, slack: ["U1", "U2", "U3"] };
const CLARA: Person = { ...ANA, id: "U3", name: "clara" };

/** What each pair of answers comes to, by who asked. */
function approveInTurn(
  people: readonly Person[],
  over: Partial<Intent>,
  selfApproval = true,
): readonly (IntentState | string)[] {
  let intent = makeTestIntent(over);
  return people.map((who) => {
    const judgement = judgeClick(
      {
        answer: "approve",
        person: who,
        place: { surface: who.surface, workspace: who.workspace, channel: "C1" },
        postIncident: 7,
      },
      intent,
      { approvers: SLACK_THREE, selfApproval, groups: new Set(), now: NOW },
    );
    if (judgement.kind === "refused") return judgement.why;
    const at = new Date(NOW).toISOString();
    intent = {
      ...intent,
      state: judgement.move,
      decisions: [...intent.decisions, { answer: "approve", person: who, at }],
    };
    return judgement.move;
  });
}

for (const { what, people, over, selfApproval, ends } of [
  { what: "one approval is enough where one is asked for", people: [ANA], over: {}, ends: ["approved"] },
  {
    what: "whoever asked may approve where the site allows it",
    people: [ANA],
    over: { requestedBy: ANA },
    ends: ["approved"],
  },
  {
    what: "whoever asked may not approve where the site forbids it; others may",
    people: [ANA, BEN],
    over: { requestedBy: ANA },
    selfApproval: false,
    ends: ["own-request", "approved"],
  },
  {
    what: "an account renamed to look like another is still the one that asked",
    people: [{ ...ANA, name: "somebody else" }],
    over: { requestedBy: ANA },
    selfApproval: false,
    ends: ["own-request"],
  },
  {
    what: "two approvals are two people",
    people: [ANA, ANA, BEN],
    over: { approvalsNeeded: 2 },
    ends: ["awaiting", "answered-already", "approved"],
  },
  {
    what: "whoever asked is neither of the two",
    people: [ANA, BEN, CLARA],
    over: { approvalsNeeded: 2, requestedBy: ANA },
    ends: ["own-request", "awaiting", "approved"],
  },
  {
    what: "the same id in another workspace is another person",
    people: [ANA, { ...ANA, workspace: "T2" }],
    over: { approvalsNeeded: 2 },
    ends: ["awaiting", "approved"],
  },
] satisfies readonly {
  readonly what: string;
  readonly people: readonly Person[];
  readonly over: Partial<Intent>;
  readonly selfApproval?: boolean;
  readonly ends: readonly string[];
}[]) {
  test(what, () => {
    assert.deepEqual(approveInTurn(people, over, selfApproval), ends);
  });
}

test("who comes second is told who was first, and what came of it", () => {
  const decisions = [{ answer: "approve" as const, person: BEN, at: "2026-11-20T03:10:00.000Z" }];
  const told = Object.fromEntries(
    STATES.map((state) => [state, tellEnd(makeTestIntent({ state, decisions, outcome: "It runs again." }))]),
  );
  assert.deepEqual(told, {
    awaiting: "Still waiting for an answer.",
    approved: "Approved already by ben at 03:10 UTC; it is being done.",
    sent: "Approved already by ben at 03:10 UTC; it is being done.",
    done: "Decided already by ben at 03:10 UTC. It runs again.",
    refused: "Decided already by ben at 03:10 UTC. It runs again.",
    "not-done": "Decided already by ben at 03:10 UTC. It runs again.",
    unknown: "Decided already by ben at 03:10 UTC. It runs again.",
    denied: "Denied already by ben at 03:10 UTC.",
    expired: "This proposal has expired. Press “Look again” for a fresh one.",
    superseded: "This proposal is void: It runs again.",
  });
  assert.match(tellEnd(makeTestIntent({ state: "superseded" })), /things have changed/);
  assert.equal(tellEnd(makeTestIntent({ state: "done" })), "Decided already.");
});
