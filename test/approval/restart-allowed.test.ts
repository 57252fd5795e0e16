import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Intent } from "../../src/approval/intent.ts";
import { type Allowance, restartAllowed } from "../../src/approval/restart-allowed.ts";
import { makeTestIntent } from "../remediate/make-test-intent.ts";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const MINUTE = 60_000;
const WANTED = {
  host: "app-1",
  serviceId: "shop.service",
  cause: "upstream-not-running",
  coolDownMs: 10 * MINUTE,
  now: NOW,
  isOfGroup: ({ site }: Intent) => site === "shop",
} as const;

/** A restart that was sent so many minutes ago, done and proven; of another site when it is of another service. */
function sent(minutesAgo: number, parts: Partial<Intent> & { readonly id?: string } = {}): Intent {
  const { id = "shop.service", ...rest } = parts;
  const at = new Date(NOW - minutesAgo * MINUTE).toISOString();
  const intent = makeTestIntent(
    { manager: "systemd", unit: id },
    {
      kind: "read",
      identity: { id, invocation: "a".repeat(32), bootId: "b" },
      hostKey: "SHA256:k",
      risk: { takesAlong: [], startsLeft: 4, resetsBudget: false },
      argv: [],
      state: "active (running)",
      helper: true,
    },
  );
  return {
    ...intent,
    site: id === WANTED.serviceId ? "shop" : "blog",
    state: "done",
    sentAt: at,
    verification: { status: "proven", at, checks: [] },
    ...rest,
  };
}

const other = (minutesAgo: number, n: number) =>
  sent(minutesAgo, { id: `other-${n}.service`, host: `app-${n}` });
const ELSEWHERE = { host: "app-2" } as const;
const unproven = { status: "unproven", at: "", checks: [] } as const;

const CASES: readonly (readonly [fact: string, history: readonly Intent[], why: RegExp | null])[] = [
  ["the first is allowed", [], null],
  ["within the cool-down it is not", [sent(9)], /restarted at 11:51 UTC; the next is possible at 12:01 UTC/],
  ["after the cool-down it is", [sent(10)], null],
  ["a third for the same cause is refused", [sent(30), sent(300)], /2 times in 24 hours for this same cause/],
  ["a third for another cause is allowed", [sent(30, { cause: "worker-pool-exhausted" }), sent(300)], null],
  [
    "a fourth in a day is refused whatever its cause",
    [sent(30, { cause: "worker-pool-exhausted" }), sent(300), sent(600, { cause: "upstream-oom-killed" })],
    /3 times in 24 hours\./,
  ],
  ["a day later they no longer count", [sent(1440), sent(1500), sent(1600)], null],
  ["other services have a count of their own", [other(1, 2), other(2, 3)], null],
  [
    "one at a time on a host: while it is sent",
    [sent(1, { id: "x.service", state: "sent" })],
    /being restarted or proven/,
  ],
  [
    "one at a time on a host: until it is proven",
    [sent(1, { id: "x.service", verification: { status: "running", at: "", checks: [] } })],
    /being restarted or proven/,
  ],
  ["what never ended does not block a host for ever", [sent(31, { id: "x.service", state: "sent" })], null],
  ["a failed proof blocks", [sent(700, { verification: unproven })], /could not be proven/],
  [
    "one at a time in a group: while another is sent",
    [sent(1, { ...ELSEWHERE, state: "sent" })],
    /shop\.service on app-2 is being restarted or proven/,
  ],
  [
    "one at a time in a group: until the other is proven",
    [withoutProof(sent(1, ELSEWHERE))],
    /shop\.service on app-2 is being restarted or proven/,
  ],
  ["the next of a group is allowed right after proof", [sent(1, ELSEWHERE)], null],
  [
    "a failed proof in the group blocks",
    [sent(700, { ...ELSEWHERE, verification: unproven })],
    /shop\.service on app-2 for shop at 2026-11-21 00:20 UTC could not be proven/,
  ],
  [
    "so does one of another service of the site",
    [sent(700, { ...ELSEWHERE, id: "x.service", site: "shop", verification: unproven })],
    /x\.service on app-2 for shop at 2026-11-21 00:20 UTC could not be proven/,
  ],
  [
    "a failed proof of another service, and of another site, does not",
    [sent(700, { id: "x.service", verification: unproven })],
    null,
  ],
  ["unknown counts like done", [withoutProof(sent(5, { state: "unknown" }))], /next is possible/],
  [
    "what the host refused or never got does not count",
    [sent(5, { state: "refused" }), sent(6, { state: "not-done" })],
    null,
  ],
  [
    "the bot restarts five an hour",
    [1, 2, 3, 4, 5].map((n) => other(n + 5, n + 1)),
    /5 services .* last hour/,
  ],
  ["and a sixth after that hour", [1, 2, 3, 4].map((n) => other(n + 5, n + 1)).concat(other(60, 9)), null],
];

for (const [fact, history, why] of CASES) {
  test(fact, () => {
    const allowance = restartAllowed(history, WANTED);
    assert.equal(allowance.ok, why === null, JSON.stringify(allowance));
    if (!allowance.ok) assert.match(allowance.why, why ?? /$^/);
  });
}

function withoutProof({ verification: _, ...intent }: Intent): Intent {
  return intent;
}

const at = (minutesAgo: number) => new Date(NOW - minutesAgo * MINUTE).toISOString();
const OTHER_CAUSE = { cause: "worker-pool-exhausted" } as const;

/** Each refusal whole: what is said, what to do, until when, and whether it is told loudly. Newest first, as the store has it. */
const REFUSALS: readonly (readonly [
  what: string,
  history: readonly Intent[],
  refusal: Omit<Extract<Allowance, { ok: false }>, "ok">,
])[] = [
  [
    "of two that are under way the newest is named",
    [sent(1, { id: "x.service", state: "sent" }), sent(2, { id: "y.service", state: "sent" })],
    {
      why: "x.service on app-1 is being restarted or proven.",
      hint: "One at a time on a host, and for a site: the next one when that is proven.",
      escalate: false,
    },
  ],
  [
    "half an hour after it was sent, to the moment, it still counts as under way",
    [sent(30, { id: "x.service", state: "sent" })],
    {
      why: "x.service on app-1 is being restarted or proven.",
      hint: "One at a time on a host, and for a site: the next one when that is proven.",
      escalate: false,
    },
  ],
  [
    "done, and its proof not begun",
    [withoutProof(sent(12, { id: "x.service" }))],
    {
      why: "x.service on app-1 is being restarted or proven.",
      hint: "One at a time on a host, and for a site: the next one when that is proven.",
      escalate: false,
    },
  ],
  [
    "the cool-down counts from the newest",
    [sent(3), sent(100)],
    {
      why: "shop.service was restarted at 11:57 UTC; the next is possible at 12:07 UTC.",
      hint: "Give it time, and look again.",
      until: at(-7),
      escalate: false,
    },
  ],
  [
    "the same cause a third time",
    [sent(30), sent(60, OTHER_CAUSE), sent(300)],
    {
      why: "shop.service was restarted 2 times in 24 hours for this same cause, and it came back.",
      hint: "A restart does not mend this: find the cause before the next one.",
      until: at(300 - 1440),
      escalate: true,
    },
  ],
  [
    "a fourth time whatever the cause; free again when the third newest is a day old, in whatever order they come",
    [sent(600, { cause: "upstream-oom-killed" }), sent(30, OTHER_CAUSE), sent(1200), sent(300, OTHER_CAUSE)],
    {
      why: "shop.service was restarted 4 times in 24 hours.",
      hint: "Find out why it needs that.",
      until: at(600 - 1440),
      escalate: true,
    },
  ],
  [
    "six of the bot's within an hour",
    [6, 7, 8, 9, 10, 11].map((minutes) => other(minutes, minutes)),
    {
      why: "6 services were restarted within the last hour.",
      hint: "So many at once have a common cause: look for it.",
      until: at(10 - 60),
      escalate: true,
    },
  ],
];

for (const [what, history, refusal] of REFUSALS) {
  test(`${what}: why, what to do and until when are said`, () => {
    assert.deepEqual(restartAllowed(history, WANTED), { ok: false, ...refusal });
  });
}

test("what is exactly a day old no longer counts, and a moment younger does", () => {
  const day = [sent(1440), sent(300)];
  assert.equal(restartAllowed(day, WANTED).ok, true);
  assert.equal(restartAllowed(day, { ...WANTED, now: NOW - 1 }).ok, false);
});

test("an unknown end, of which nothing was proven, stands in no other group's way", () => {
  const unknown = withoutProof(sent(5, { id: "x.service", state: "unknown" }));
  assert.equal(restartAllowed([unknown], WANTED).ok, true);
});

for (const { whose, of } of [
  { whose: "of the service itself", of: {} },
  { whose: "of another in its group", of: ELSEWHERE },
]) {
  test(`an unknown end ${whose} stands in the way for the cool-down, from when it was given up`, () => {
    const unknown = withoutProof(sent(24, { ...of, state: "unknown", endedAt: at(9) }));
    const { host } = unknown;
    assert.deepEqual(restartAllowed([sent(30, of), unknown], WANTED), {
      ok: false,
      why: `It is not known whether shop.service on ${host} was restarted; the next is possible at 12:01 UTC.`,
      hint: `See on ${host} when it was started last, and look again.`,
      until: at(-1),
      escalate: false,
    });
    assert.equal(restartAllowed([unknown], { ...WANTED, now: NOW + MINUTE }).ok, true);
  });
}

test("a failed proof in the group is the one that a person sets aside", () => {
  const failed = sent(60, { ...ELSEWHERE, verification: unproven });
  const refusal = restartAllowed([sent(30), failed], WANTED);
  assert.equal(!refusal.ok && refusal.unproven, failed.key);
  const lifted = { person: { surface: "slack", workspace: "T1", id: "U1", name: "ana" }, at: "" } as const;
  const aside = { ...failed, verification: { ...unproven, lifted } };
  assert.equal(restartAllowed([sent(30), aside], WANTED).ok, true);
});

test("what was approved and never sent is no restart", () => {
  const { sentAt: _, ...approved } = sent(1, { state: "done" });
  assert.equal(restartAllowed([approved], WANTED).ok, true);
});

test("no config cools down for less than two minutes", () => {
  assert.equal(restartAllowed([sent(1)], { ...WANTED, coolDownMs: 0 }).ok, false);
  assert.equal(restartAllowed([sent(2)], { ...WANTED, coolDownMs: 0 }).ok, true);
});

test("a failed proof blocks for good, and no longer once a person has set it aside", () => {
  const failed = sent(60 * 24 * 30, { verification: unproven });
  assert.deepEqual(restartAllowed([failed], WANTED), {
    ok: false,
    why: "The restart of shop.service on app-1 for shop at 2026-10-22 12:00 UTC could not be proven to have helped.",
    hint: "There is no next one before somebody has looked at that service, and says so: “Allow restarts again”.",
    escalate: true,
    unproven: failed.key,
  });
  const older = sent(60 * 24 * 31, { verification: unproven });
  const refusal = restartAllowed([failed, older], WANTED);
  assert.equal(!refusal.ok && refusal.unproven, failed.key, "of two the newest is named");
  const person = { surface: "slack", workspace: "T1", id: "U1", name: "ana" } as const;
  const lifted = { ...unproven, lifted: { person, at: "" } };
  assert.equal(restartAllowed([{ ...failed, verification: lifted }], WANTED).ok, true);
});

test("the intent that is about to be sent does not stand in its own way", () => {
  const mine = sent(0, { state: "sent" });
  assert.equal(restartAllowed([mine], { ...WANTED, key: mine.key }).ok, true);
  assert.equal(restartAllowed([mine], WANTED).ok, false);
});

test("what repeats and does not help is escalated, and says until when", () => {
  const allowance = restartAllowed([sent(30), sent(300)], WANTED);
  assert.ok(!allowance.ok && allowance.escalate);
  assert.equal(allowance.until, new Date(NOW - 300 * MINUTE + 24 * 60 * MINUTE).toISOString());
});

test("however it is asked, no service is restarted more than three times a day, nor the bot's hosts five times an hour", () => {
  const asked = fc.array(
    fc.record({
      gap: fc.integer({ min: 0, max: 40 }),
      service: fc.integer({ min: 1, max: 4 }),
      cause: fc.boolean(),
    }),
    { minLength: 20, maxLength: 120 },
  );
  fc.assert(
    fc.property(asked, (wishes) => {
      const history: Intent[] = [];
      let now = NOW;
      for (const { gap, service, cause } of wishes) {
        now += gap * MINUTE;
        const wanted = {
          host: `app-${service}`,
          serviceId: `s${service}.service`,
          cause: cause ? "upstream-oom-killed" : "upstream-not-running",
          coolDownMs: 10 * MINUTE,
          now,
          isOfGroup: () => false,
        } as const;
        if (!restartAllowed(history, wanted).ok) continue;
        const sentAt = new Date(now).toISOString();
        history.push(sent(0, { id: wanted.serviceId, host: wanted.host, cause: wanted.cause, sentAt }));
        const within = (ms: number) => history.filter((one) => Date.parse(one.sentAt ?? "") > now - ms);
        const mine = within(24 * 60 * MINUTE).filter(({ identity }) => identity.id === wanted.serviceId);
        assert.ok(mine.length <= 3);
        assert.ok(within(60 * MINUTE).length <= 5);
        assert.ok(mine.filter((one) => one.cause === wanted.cause).length <= 2);
      }
    }),
    { numRuns: 100 },
  );
});
