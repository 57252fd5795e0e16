import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent } from "../../src/approval/intent.ts";
import { offerAllowed } from "../../src/approval/offer-allowed.ts";
import { ANA, BEN, makeTestIntent, NOW } from "./intent.ts";

const PROPOSAL = makeTestIntent();
const MINUTE_MS = 60_000;

function ago(minutes: number, over: Partial<Intent> = {}): Intent {
  return makeTestIntent({ createdAt: new Date(NOW - minutes * MINUTE_MS).toISOString(), ...over });
}

const denial = { answer: "deny", person: BEN, at: new Date(NOW).toISOString() } as const;
const denied = (minutes: number, over: Partial<Intent> = {}) =>
  ago(minutes, { state: "denied", decisions: [denial], ...over });
const ofAna = (minutes: number) => ago(minutes, { requestedBy: ANA, state: "expired" });

const CASES: readonly {
  readonly what: string;
  readonly recent: readonly Intent[];
  readonly by?: typeof ANA;
  readonly refused?: RegExp;
}[] = [
  { what: "the first question", recent: [] },
  {
    what: "what somebody denied, while nothing has changed",
    recent: [denied(10)],
    refused: /ben denied this very restart/,
  },
  { what: "what was denied an hour ago", recent: [denied(60)] },
  {
    what: "what was denied for another start of the service",
    recent: [denied(10, { identity: { ...PROPOSAL.identity, invocation: "f".repeat(32) } })],
  },
  { what: "what was denied for another cause", recent: [denied(10, { cause: "upstream-crash-loop" })] },
  {
    what: "what was denied for another service",
    recent: [denied(10, { identity: { ...PROPOSAL.identity, id: "other.service" } })],
  },
  {
    what: "what was denied a moment less than an hour ago",
    recent: [denied(60, { createdAt: new Date(NOW - 60 * MINUTE_MS + 1).toISOString() })],
    refused: /ben denied this very restart/,
  },
  { what: "what was denied on another host", recent: [denied(10, { host: "origin-2" })] },
  { what: "what nobody answered", recent: [ago(10, { state: "expired" })] },
  { what: "the third question of one person", recent: [ofAna(10), ofAna(20)], by: ANA },
  {
    what: "the fourth question of one person within an hour",
    recent: [ofAna(10), ofAna(20), ofAna(30)],
    by: ANA,
    refused: /ana has brought about 3 proposals/,
  },
  {
    what: "the fourth, by the same account under another name",
    recent: [ofAna(10), ofAna(20), ofAna(30)],
    by: { ...ANA, name: "somebody else" },
    refused: /3 proposals/,
  },
  { what: "the fourth, when one of them is old", recent: [ofAna(10), ofAna(20), ofAna(60)], by: ANA },
  { what: "a question of somebody else", recent: [ofAna(10), ofAna(20), ofAna(30)], by: BEN },
  { what: "a question that an alert brought", recent: [ofAna(10), ofAna(20), ofAna(30)] },
];

for (const { what, recent, by, refused } of CASES) {
  test(`${what} is ${refused === undefined ? "asked" : "not asked, and why is said"}`, () => {
    const allowed = offerAllowed(recent, {
      proposal: PROPOSAL,
      now: NOW,
      ...(by === undefined ? {} : { requestedBy: by }),
    });
    assert.equal(allowed.ok, refused === undefined);
    if (!allowed.ok && refused !== undefined) assert.match(allowed.why, refused);
  });
}

test("whoever said no last is named with the time, the latest denial first", () => {
  const yes = { answer: "approve", person: ANA, at: new Date(NOW).toISOString() } as const;
  const latest = denied(5, { decisions: [yes, denial], endedAt: "2026-11-20T03:08:00.000Z" });
  const earlier = denied(30, { decisions: [{ ...denial, person: ANA }] });
  assert.deepEqual(offerAllowed([latest, earlier], { proposal: PROPOSAL, now: NOW }), {
    ok: false,
    why: "ben denied this very restart at 03:08 UTC, and nothing has changed since.",
    hint: "It is offered again when the service or the cause is another, or after an hour.",
  });
});

test("a denial whose person was not kept is a denial all the same", () => {
  const allowed = offerAllowed([denied(10, { decisions: [] })], { proposal: PROPOSAL, now: NOW });
  assert.ok(!allowed.ok);
  assert.equal(allowed.why, "somebody denied this very restart at 03:02 UTC, and nothing has changed since.");
});

test("whoever asks too often is told how often, and who else can", () => {
  const recent = [ofAna(10), ofAna(20), ofAna(30), ofAna(40)];
  assert.deepEqual(offerAllowed(recent, { proposal: PROPOSAL, requestedBy: ANA, now: NOW }), {
    ok: false,
    why: "ana has brought about 4 proposals within an hour.",
    hint: "Somebody else can press “Look again”.",
  });
});
