import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceRef, Verification } from "../../src/approval/intent.ts";
import type { ServiceReading } from "../../src/remediate/service-control.ts";
import { createVerify } from "../../src/verify/create-verify.ts";
import { diagnoseEvidence } from "../../src/workflow/diagnose-evidence.ts";
import { bashSays, makeEvidence, type Seen, sample } from "../classify/evidence.ts";
import { makeTestIntent } from "../remediate/make-test-intent.ts";
import { playbooks } from "../topology/site.ts";

const OLD = "a".repeat(32);
const NEW = "b".repeat(32);
const DOWN: Seen = {
  status: 502,
  listens: false,
  connect: bashSays("Connection refused"),
  unit: { ActiveState: "failed", SubState: "failed", Result: "signal", InvocationID: OLD },
};
const UP: Seen = { unit: { InvocationID: NEW } };
const DEADLINE = new AbortController().signal;

function see(seen: Seen) {
  const evidence = makeEvidence(seen);
  return { evidence, ...diagnoseEvidence(evidence, { playbooks, durationMs: 0 }) };
}

const READING: Extract<ServiceReading, { readonly kind: "read" }> = {
  kind: "read",
  identity: { id: "shop.service", invocation: OLD, bootId: "boot" },
  hostKey: "SHA256:k",
  risk: { takesAlong: [], startsLeft: 4, resetsBudget: false },
  argv: [],
  state: "failed (failed)",
  helper: true,
};

/** Runs a proof in a world that shows `looks` one after the other (the last stays) and answers with `statuses`. Time passes by waiting. */
async function prove(world: {
  readonly looks: readonly Seen[];
  readonly statuses?: (n: number) => number | null;
  /** By how much the wall clock is set after so many looks at the hosts and requests to the site. */
  readonly clockSetBy?: (after: { readonly looked: number; readonly asked: number }) => number;
  readonly requestTakesMs?: number;
  readonly signal?: AbortSignal;
  /** What the helper says of a service that is no unit, one after the other; the last stays. */
  readonly readings?: readonly string[];
}) {
  const begunAt = Date.parse("2026-11-20T12:00:00.000Z");
  let passedMs = 0;
  let looked = 0;
  let asked = 0;
  const told: Verification[] = [];
  let read = 0;
  const { looks, statuses = () => 200, readings } = world;
  const verify = createVerify({
    diagnose: async () => {
      passedMs += 1500;
      return see(looks[Math.min(looked++, looks.length - 1)] ?? UP);
    },
    http: {
      sample: async () => {
        passedMs += world.requestTakesMs ?? 0;
        return sample(statuses(asked++));
      },
    },
    read: async () => {
      const invocation = readings?.[Math.min(read++, readings.length - 1)];
      assert.ok(invocation !== undefined, "a unit is seen by the looks");
      return { ...READING, identity: { ...READING.identity, invocation }, state: "running" };
    },
    now: () => begunAt + passedMs + (world.clockSetBy?.({ looked, asked }) ?? 0),
    steady: () => passedMs,
    wait: async (ms) => {
      passedMs += ms;
    },
    soakMsOf: () => 30_000,
  });
  const before = see(DOWN).diagnosis;
  const service: ServiceRef =
    readings === undefined
      ? { manager: "systemd", unit: "shop.service" }
      : { manager: "pm2", app: "shop", user: "deploy" };
  const intent = { ...makeTestIntent(service, READING), host: "origin-1" };
  const verification = await verify(
    { intent, request: see(UP).evidence.request, before },
    { onCheck: async (so) => void told.push(so), signal: world.signal ?? DEADLINE },
  );
  return { verification, told, looked, asked, passedMs };
}

test("a new start that listens, is reached, answers and stays well is proven, with what was before", async () => {
  const { verification, told, asked } = await prove({ looks: [UP] });
  assert.equal(verification.status, "proven", JSON.stringify(verification.checks));
  assert.deepEqual(
    verification.checks.map(({ hop, ok }) => [hop, ok]),
    ["unit", "listener", "proxy→upstream", "public URL", "soak"].map((hop) => [hop, true]),
  );
  assert.match(verification.checks[0]?.before ?? "", /shop\.service has failed: result signal/);
  assert.match(verification.checks[0]?.after ?? "", /active \(running\), started anew/);
  assert.equal(verification.checks[1]?.before, "broken");
  assert.match(verification.checks[1]?.after ?? "", /listens on 192\.0\.2\.20:3000/);
  assert.equal(verification.checks[3]?.before, "502");
  assert.equal(verification.checks[3]?.after, "5 of 5 well: 200, 200, 200, 200, 200");
  assert.equal(asked, 15);
  assert.deepEqual(
    told.map(({ status, checks }) => [status, checks.length]),
    [1, 2, 3, 4, 5].map((n) => ["running", n]),
  );
});

test("an application that takes its time to listen is waited for", async () => {
  const starting: Seen = {
    listens: false,
    connect: bashSays("Connection refused"),
    unit: { InvocationID: NEW },
  };
  const { verification, looked } = await prove({ looks: [starting, starting, starting, UP] });
  assert.equal(verification.status, "proven");
  assert.equal(looked, 5);
});

test("a proxy that still keeps the service out of rotation is waited for", async () => {
  const { verification, asked } = await prove({ looks: [UP], statuses: (n) => (n < 23 ? 502 : 200) });
  assert.equal(verification.status, "proven", JSON.stringify(verification.checks));
  assert.equal(verification.checks[3]?.after, "5 of 5 well: 200, 200, 200, 200, 200");
  assert.equal(asked, 25 + 5 + 10);
});

const HOUR_MS = 3_600_000;
for (const { clock, byMs } of [
  { clock: "set forward", byMs: HOUR_MS },
  { clock: "set back", byMs: -HOUR_MS },
]) {
  test(`a site is watched as long as is configured when the wall clock is ${clock} meanwhile, and so long is said`, async () => {
    const { verification, asked, passedMs } = await prove({
      looks: [UP],
      clockSetBy: ({ asked }) => (asked > 5 ? byMs : 0),
    });
    assert.equal(verification.status, "proven", JSON.stringify(verification.checks));
    assert.equal(
      verification.checks.at(-1)?.after,
      "10 requests in 30 s were well, and the service kept running",
    );
    assert.deepEqual({ asked, passedMs }, { asked: 15, passedMs: 33_000 });
  });

  test(`a service is given as long to listen, and to come back into rotation, when the wall clock is ${clock} meanwhile`, async () => {
    const starting: Seen = { ...UP, listens: false, connect: bashSays("Connection refused") };
    const late = await prove({
      looks: [starting, starting, starting, UP],
      clockSetBy: ({ looked }) => (looked > 0 ? byMs : 0),
    });
    assert.equal(late.verification.status, "proven", JSON.stringify(late.verification.checks));
    const never = await prove({
      looks: [UP],
      statuses: () => 502,
      clockSetBy: ({ asked }) => (asked > 0 ? byMs : 0),
    });
    assert.equal(never.verification.status, "unproven");
    assert.deepEqual([never.asked, never.passedMs], [105, 41_500]);
  });
}

test("what was watched is said, not what was to be", async () => {
  const { verification } = await prove({ looks: [UP], requestTakesMs: 5000 });
  assert.equal(
    verification.checks.at(-1)?.after,
    "4 requests in 32 s were well, and the service kept running",
  );
});

const UNPROVEN: readonly (readonly [
  fact: string,
  world: Parameters<typeof prove>[0],
  hop: string,
  after: RegExp,
])[] = [
  ["the old start still runs", { looks: [{ unit: { InvocationID: OLD } }] }, "unit", /the old start/],
  [
    "the new start failed",
    { looks: [{ ...DOWN, unit: { ...DOWN.unit, InvocationID: NEW } }] },
    "unit",
    /failed/,
  ],
  [
    "it is starting for ever",
    { looks: [{ unit: { InvocationID: NEW, ActiveState: "activating", SubState: "auto-restart" } }] },
    "unit",
    /activating/,
  ],
  ["nothing listens", { looks: [{ ...UP, listens: false }] }, "listener", /nothing was seen to listen/],
  [
    "the proxy does not get through",
    { looks: [{ ...UP, connect: bashSays("Connection timed out", "4") }] },
    "proxy→upstream",
    /timed out/,
  ],
  [
    "one of five requests is bad",
    { looks: [UP], statuses: (n) => (n % 5 === 3 ? 502 : 200) },
    "public URL",
    /4 of 5 well: 200, 200, 200, 502, 200/,
  ],
  [
    "one of five gets no answer",
    { looks: [UP], statuses: (n) => (n % 5 === 4 ? null : 200) },
    "public URL",
    /no answer/,
  ],
  [
    "it breaks again during the soak",
    { looks: [UP], statuses: (n) => (n === 9 ? 502 : 200) },
    "soak",
    /502 after 5 requests/,
  ],
  [
    "it died and came back during the soak",
    { looks: [UP, { unit: { InvocationID: "c".repeat(32) } }] },
    "soak",
    /started again meanwhile/,
  ],
];

for (const [fact, world, hop, after] of UNPROVEN) {
  test(`not proven: ${fact}`, async () => {
    const { verification } = await prove(world);
    assert.equal(verification.status, "unproven");
    const failed = verification.checks.find(({ ok }) => !ok);
    assert.equal(failed?.hop, hop);
    assert.match(failed?.after ?? "", after);
  });
}

test("not proven: the time is over", async () => {
  const { verification } = await prove({ looks: [DOWN], signal: AbortSignal.abort() });
  assert.equal(verification.status, "unproven");
});

test("after a check that failed the site is not asked for long", async () => {
  const { verification, asked } = await prove({ looks: [{ unit: { InvocationID: OLD } }] });
  assert.equal(verification.checks.length, 3);
  assert.equal(asked, 0);
});

test("a service without a unit is proven by what its helper says", async () => {
  const proven = await prove({ looks: [UP], readings: [OLD, "4711.99"] });
  assert.equal(proven.verification.status, "proven", JSON.stringify(proven.verification));
  assert.equal(proven.looked, 3);
  const same = await prove({ looks: [UP], readings: [OLD] });
  assert.match(same.verification.checks[0]?.after ?? "", /the old start/);
  const died = await prove({ looks: [UP], readings: ["4711.99", "4712.10"] });
  assert.match(died.verification.checks.at(-1)?.after ?? "", /started again meanwhile/);
});
