import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Intent } from "../../src/approval/intent.ts";
import { restartAllowed } from "../../src/approval/restart-allowed.ts";
import { makeTestIntent } from "../remediate/make-test-intent.ts";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const MINUTE = 60_000;
const WANTED = {
  host: "app-1",
  serviceId: "shop.service",
  cause: "upstream-not-running",
  coolDownMs: 10 * MINUTE,
  now: NOW,
} as const;

/** A restart that was sent so many minutes ago, done and proven. */
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
    state: "done",
    sentAt: at,
    verification: { status: "proven", at, checks: [] },
    ...rest,
  };
}

const other = (minutesAgo: number, n: number) =>
  sent(minutesAgo, { id: `other-${n}.service`, host: `app-${n}` });
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
    "a failed proof of another service does not",
    [sent(700, { id: "x.service", verification: unproven })],
    null,
  ],
  ["unknown counts like done", [sent(5, { state: "unknown" })], /next is possible/],
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

test("no config cools down for less than two minutes", () => {
  assert.equal(restartAllowed([sent(1)], { ...WANTED, coolDownMs: 0 }).ok, false);
  assert.equal(restartAllowed([sent(2)], { ...WANTED, coolDownMs: 0 }).ok, true);
});

test("a failed proof no longer blocks once a person has dealt with it", () => {
  const history = [sent(700, { verification: unproven })];
  assert.equal(restartAllowed(history, { ...WANTED, liftedAt: NOW - 600 * MINUTE }).ok, true);
  assert.equal(restartAllowed(history, { ...WANTED, liftedAt: NOW - 800 * MINUTE }).ok, false);
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
