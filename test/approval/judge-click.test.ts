import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent, IntentState } from "../../src/approval/intent.ts";
import { type Click, type Judgement, judgeClick, tellEnd } from "../../src/approval/judge-click.ts";
import { groupsOf, mayAnswer } from "../../src/approval/may-answer.ts";
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
                // an approval that is not carried out yet can be taken back, whenever that is
                const isTime =
                  (state === "awaiting" && !isLate) || (state === "approved" && answer === "deny");
                const allowed =
                  listed && approvers === APPROVERS && isTime && postIncident === 7 && workspace === "T1";
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
                    unread: [],
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
      { approvers: SLACK_THREE, selfApproval, groups: new Set(), unread: [], now: NOW },
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
  const at = "2026-11-20T03:10:00.000Z";
  const told = Object.fromEntries(
    STATES.map((state) => {
      const answer = state === "denied" ? "deny" : "approve";
      const decisions = [{ answer, person: BEN, at }] as const;
      return [state, tellEnd(makeTestIntent({ state, decisions, outcome: "It runs again." }))];
    }),
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

/** Every answer a click can get but a full count, word for word: people act on it at night. */
const ANSWERS: readonly {
  readonly what: string;
  readonly click?: Partial<Click>;
  readonly over?: Partial<Intent>;
  readonly approvers?: typeof NOBODY | typeof SLACK_THREE;
  readonly selfApproval?: boolean;
  readonly now?: number;
  readonly is: Judgement;
}[] = [
  {
    what: "a message that is not ours",
    click: { postIncident: undefined },
    is: refusal(
      "not-our-message",
      "This message is not the one that asked. Use the newest message of the incident.",
    ),
  },
  {
    what: "somebody of another workspace",
    click: { place: { surface: "slack", workspace: "T2", channel: "C1" } },
    is: refusal("other-place", "Only people of this workspace can decide here."),
  },
  {
    what: "a person of one platform in a place of another",
    click: { place: { surface: "discord", workspace: "T1", channel: "C1" } },
    is: refusal("other-place", "Only people of this workspace can decide here."),
  },
  {
    what: "what was decided already",
    over: { state: "denied", decisions: [{ answer: "deny", person: BEN, at: "2026-11-20T03:10:00.000Z" }] },
    is: refusal("ended", "Denied already by ben at 03:10 UTC."),
  },
  {
    what: "the very moment it expires",
    now: Date.parse("2026-11-20T03:15:00.000Z"),
    is: refusal("expired", "This proposal has expired. Press “Look again” for a fresh one."),
  },
  {
    what: "a site without approvers",
    approvers: NOBODY,
    is: refusal("nobody-may", "Nobody may approve here: the site has no approvers.slack in the config."),
  },
  {
    what: "somebody who is not listed",
    click: { person: { ...ANA, id: "U9" } },
    is: refusal(
      "not-an-approver",
      "You (U9) are not among those who may approve for this site. They are listed under approvers in the config.",
    ),
  },
  {
    what: "one's own request where that is forbidden",
    over: { requestedBy: ANA },
    selfApproval: false,
    is: refusal("own-request", "You asked for this yourself; somebody else must approve it."),
  },
  {
    what: "one's own request where two others are needed",
    over: { requestedBy: ANA, approvalsNeeded: 2 },
    is: refusal("own-request", "Two others must approve: whoever asked does not count."),
  },
  {
    what: "a second approval of the same person",
    over: {
      approvalsNeeded: 2,
      decisions: [{ answer: "approve", person: ANA, at: "2026-11-20T03:10:00.000Z" }],
    },
    is: refusal("answered-already", "You have approved already; a second person is needed."),
  },
  {
    what: "the first of three approvals",
    over: { approvalsNeeded: 3 },
    is: {
      kind: "counts",
      move: "awaiting",
      told: "Approved. 2 more must approve before anything happens.",
    },
  },
  {
    what: "an approval beside a denial, which is never one of the two",
    over: {
      approvalsNeeded: 2,
      decisions: [{ answer: "deny", person: BEN, at: "2026-11-20T03:10:00.000Z" }],
    },
    is: {
      kind: "counts",
      move: "awaiting",
      told: "Approved. 1 more must approve before anything happens.",
    },
  },
  {
    what: "the approval that is enough, a moment before it expires",
    now: Date.parse("2026-11-20T03:14:59.999Z"),
    is: { kind: "counts", move: "approved", told: "Approved. Checking once more, then restarting." },
  },
  {
    what: "a denial of one's own request",
    click: { answer: "deny" },
    over: { requestedBy: ANA, approvalsNeeded: 2 },
    selfApproval: false,
    is: { kind: "counts", move: "denied", told: "Denied. Nothing will be restarted." },
  },
];

function refusal(why: Extract<Judgement, { kind: "refused" }>["why"], told: string): Judgement {
  return { kind: "refused", why, told };
}

for (const {
  what,
  click,
  over = {},
  approvers = SLACK_THREE,
  selfApproval = true,
  now = NOW,
  is,
} of ANSWERS) {
  test(`${what} is ${is.kind === "counts" ? "counted" : "refused"}, in words for that person alone`, () => {
    const judgement = judgeClick(
      {
        answer: "approve",
        person: ANA,
        place: { surface: "slack", workspace: "T1", channel: "C1" },
        postIncident: 7,
        ...click,
      },
      makeTestIntent(over),
      { approvers, selfApproval, groups: new Set(), unread: [], now },
    );
    assert.deepEqual(judgement, is);
  });
}

test("of several who answered, the last one is named", () => {
  const decisions = [ANA, BEN].map((who, minute) => ({
    answer: "approve" as const,
    person: who,
    at: `2026-11-20T03:1${minute}:00.000Z`,
  }));
  assert.match(tellEnd(makeTestIntent({ state: "approved", decisions })), /by ben at 03:11 UTC/);
});

test("of an approval and the denial that undid it, the denial is named", () => {
  const at = "2026-11-20T03:10:00.000Z";
  const decisions = [
    { answer: "deny", person: ANA, at },
    { answer: "approve", person: BEN, at },
  ] as const;
  assert.match(tellEnd(makeTestIntent({ state: "denied", decisions })), /by ana at 03:10 UTC/);
});

test("only groups of that platform are asked about, and no person is taken for one", () => {
  assert.deepEqual(groupsOf(APPROVERS, "slack"), ["S9"]);
  assert.deepEqual(groupsOf(APPROVERS, "discord"), ["role:223456789012345678"]);
  assert.deepEqual(groupsOf({ ...APPROVERS, console: ["S9", "role:1"] }, "console"), []);
});

test("somebody whose id a platform reports as a group of theirs gets no right by it", () => {
  for (const [surface, id] of [
    ["slack", "U1"],
    ["discord", "123456789012345678"],
    ["console", "ada"],
  ] as const) {
    const groups = new Set([id]);
    assert.equal(
      mayAnswer(person(surface, "somebody"), { approvers: APPROVERS, groups, unread: [] }).may,
      false,
    );
  }
});

test("whoever may be in a group that could not be read is told that, and not that the config is wrong", () => {
  const unread = [{ group: "S9", reason: "Slack: too many calls." }];
  const asked = (who: Person, approvers = APPROVERS) =>
    mayAnswer(who, { approvers, groups: new Set(), unread });
  assert.deepEqual(asked(BEN), {
    may: false,
    why: "group-not-read",
    told: "Whether you (U2) are in S9 could not be read, so this did not count. Slack: too many calls. Press again in a moment. Whoever is listed by name can decide meanwhile.",
  });
  const alone = asked(BEN, { ...APPROVERS, slack: ["S9"] });
  assert.match(alone.may ? "" : alone.told, /Press again in a moment\.$/);
  assert.deepEqual(asked(ANA), { may: true }, "listed by name");
});
