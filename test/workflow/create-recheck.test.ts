import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent } from "../../src/approval/intent.ts";
import { makeIntent } from "../../src/approval/make-intent.ts";
import type { Allowance } from "../../src/approval/restart-allowed.ts";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import type { SiteConfig } from "../../src/config/config.ts";
import type { DiagnosisRequest } from "../../src/intake/diagnosis-request.ts";
import { OperatorError } from "../../src/operator-error.ts";
import type { ServiceReading } from "../../src/remediate/service-control.ts";
import { CAUSE_TITLES } from "../../src/report/cause-title.ts";
import type { Look } from "../../src/workflow/look.ts";
import { createRecheck } from "../../src/workflow/recheck.ts";
import { makeTestIntent, NOW } from "../approval/intent.ts";
import { sample } from "../classify/evidence.ts";
import { makeDiagnosis } from "../store/sample-records.ts";
import { makeRequest } from "../topology/site.ts";

const BASIS = "a".repeat(64);
const KEY = "0123456789abcdef0123456789abcdef";
const { identity, risk, hostKey, ...proposal } = makeTestIntent({ basis: BASIS });
const ARGV = ["sudo", "-n", "restart-helper", "{key}", "app.service"];
const READ = {
  ...{ kind: "read", identity, hostKey, risk, argv: ARGV, state: "active (running)", helper: true },
} as const satisfies ServiceReading;
const ORIGIN = { name: "origin-1", how: { kind: "local" } } as const;
const REQUEST = makeRequest({ upstreams: [ORIGIN] });
const DIAGNOSIS = makeDiagnosis();
const { cause: CAUSE, remediation: REMEDIATION } = DIAGNOSIS;
const signal = new AbortController().signal;
const DOWN = [502, 502, null, 502];
const WELL = [200, 200, 404, 301];

/** What was approved, and the world at the last check: as it was then, but for what is given. */
function openWorld(given: {
  readonly reading?: Partial<typeof READ> | ServiceReading;
  readonly look?: () => Promise<Look>;
  readonly verdict?: Partial<Diagnosis>;
  readonly request?: DiagnosisRequest;
  /** What the public URL answered in the look, and right before the host is read. */
  readonly statuses?: readonly [inLook: readonly (number | null)[], after: readonly (number | null)[]];
  /** How long each of these last answers takes. */
  readonly answerTakesMs?: number;
  readonly basis?: string;
  readonly before?: Partial<Intent>;
  readonly allowed?: Allowance;
  readonly site?: Partial<SiteConfig> | null;
}) {
  const intent = makeIntent(
    { ...proposal, identity, risk, hostKey, argv: ARGV, ...given.before },
    { key: KEY, now: NOW, policy: { approvals: 1, expireAfterMs: 60_000, selfApproval: true } },
  );
  const [inLook, after] = given.statuses ?? [DOWN, DOWN];
  const look: Look = {
    ...{ request: given.request ?? REQUEST, diagnosis: { ...DIAGNOSIS, ...given.verdict }, id: "d-1" },
    samples: inLook.map((status) => sample(status)),
    target: { site: "shop", url: REQUEST.url, proxies: [], dependencies: [], mismatches: [] },
  };
  const clock = { now: NOW, steady: 1000 };
  const asked: unknown[] = [];
  const unused = () => Promise.reject(new Error("a check changes nothing"));
  const site = { restart: { coolDownMs: 600_000, resetStartBudget: true } } as SiteConfig;
  const recheck = createRecheck({
    takeLook: given.look ?? (async () => look),
    http: {
      sample: async (url) => {
        const n = asked.filter((one) => one === url).length;
        asked.push(url);
        if (n === 0) clock.steady += given.answerTakesMs ?? 0;
        return sample(after[n] ?? null);
      },
    },
    control: {
      read: async (host, service, options) => {
        asked.push([host, service, options]);
        clock.steady += 10;
        return { ...READ, ...given.reading } as ServiceReading;
      },
      ...{ restart: unused, ask: unused, forget: unused },
    },
    restartAllowed: async (wanted) => {
      asked.push(wanted);
      return given.allowed ?? { ok: true };
    },
    sites: {
      names: ["shop"],
      find: () => (given.site === null ? undefined : site),
      requestOf: async () => REQUEST,
      placesOf: () => [],
    },
    basis: given.basis ?? BASIS,
    clocks: { now: () => clock.now, steady: () => clock.steady },
  });
  return { intent, look, asked, clock, check: () => recheck(intent, { signal }) };
}

test("what was approved is what would run: visitors are asked once more, and last the host, with the site's rules, after its limits", async () => {
  const { check, look, asked, intent } = openWorld({});
  const checked = await check();
  assert.ok(checked.kind === "same" && checked.isFresh());
  assert.deepEqual([checked.look, checked.host], [look, ORIGIN]);
  const { cause, service } = intent;
  assert.deepEqual(asked, [
    {
      ...{ site: "shop", target: look.target, host: "origin-1", serviceId: "app.service" },
      ...{ cause, coolDownMs: 600_000, key: KEY },
    },
    ...DOWN.map(() => REQUEST.url),
    [ORIGIN, service, { resetBudget: true, proxyUnits: [], signal }],
  ]);
});

test("the limits hold in the moment of the claim too, whatever was sent since the check", async () => {
  const { check, intent } = openWorld({});
  const checked = await check();
  assert.ok(checked.kind === "same");
  const sent = { ...intent, state: "sent", sentAt: new Date(NOW).toISOString() } as const;
  const { history, allows } = checked.guard;
  assert.ok(history.since < sent.sentAt);
  assert.equal(allows([sent]), true, "never in its own way");
  assert.equal(allows([sent, { ...sent, key: "1" }]), false);
  assert.equal(allows([sent, { ...sent, key: "1", host: "host-1" }]), false, "the other of the site");
  const elsewhere = [1, 2, 3, 4, 5].map((n) => ({ ...sent, key: `${n}`, site: `${n}`, host: `host-${n}` }));
  assert.equal(allows([sent, ...elsewhere.slice(1)]), true);
  assert.equal(allows([sent, ...elsewhere]), false);
});

for (const { what, pass, fresh } of [
  { what: "30 s after the host was asked", pass: { now: 29_990, steady: 29_990 }, fresh: true },
  { what: "any later", pass: { now: 29_991, steady: 29_991 }, fresh: false },
  { what: "once the wall clock was set", pass: { now: 60_000, steady: 0 }, fresh: false },
]) {
  test(`what the host said is ${fresh ? "still" : "no longer"} known ${what}`, async () => {
    const { check, clock } = openWorld({});
    const checked = await check();
    clock.now += pass.now + 10;
    clock.steady += pass.steady;
    assert.equal(checked.kind === "same" && checked.isFresh(), fresh);
  });
}

test("how old is what was seen counts from when visitors were asked, not from when their answers came", async () => {
  const { check, clock } = openWorld({ answerTakesMs: 8000 });
  const checked = await check();
  clock.now += 30_001;
  clock.steady += 30_000 - 8000 - 10;
  assert.equal(checked.kind === "same" && checked.isFresh(), true);
  clock.steady += 1;
  assert.equal(checked.kind === "same" && checked.isFresh(), false);
});

for (const { what, statuses, kind } of [
  { what: "answers every visitor since the look", statuses: [DOWN, WELL], kind: "changed" },
  { what: "answers some visitors since the look", statuses: [DOWN, [200, 200, 200, 503]], kind: "same" },
  {
    what: "was broken for some, who happen to be answered now,",
    statuses: [[200, 502, 200, 200], WELL],
    kind: "same",
  },
] as const) {
  test(`a site that ${what} is ${kind === "changed" ? "well again: its host is not even read" : "not well again"}`, async () => {
    const { check, asked } = openWorld({ statuses });
    const checked = await check();
    assert.equal(checked.kind, kind);
    if (checked.kind === "changed") assert.equal(checked.why, "the site is well again.");
    assert.equal(asked.some(Array.isArray), kind === "same");
  });
}

test("one start more or less in the budget changes nothing that was approved", async () => {
  assert.equal((await openWorld({ reading: { risk: { ...risk, startsLeft: 1 } } }).check()).kind, "same");
});

class UnreachableError extends OperatorError {
  readonly code = "UNREACHABLE";
}
const GONE = "the cause can no longer be seen.";

const VOID: readonly (Parameters<typeof openWorld>[0] & { readonly why: string })[] = [
  { site: null, why: "shop is no longer in the config." },
  { basis: "b".repeat(64), why: "the config or a playbook was changed since." },
  {
    look: () => Promise.reject(new UnreachableError("edge-1 is away.", { hint: "Look." })),
    why: "the hosts could not be looked at again: edge-1 is away.",
  },
  { verdict: { outcome: "healthy" }, why: "the site is well again." },
  { verdict: { outcome: "recovered" }, why: "the site is well again." },
  { verdict: { outcome: "inconclusive" }, why: GONE },
  { verdict: { cause: null }, why: GONE },
  {
    verdict: { cause: CAUSE && { ...CAUSE, id: "upstream-crash-loop" } },
    why: `the cause is now that ${CAUSE_TITLES["upstream-crash-loop"]}.`,
  },
  {
    verdict: { cause: CAUSE && { ...CAUSE, restartWhy: "No." }, remediation: null },
    why: "a restart would no longer help: No.",
  },
  {
    verdict: { remediation: REMEDIATION && { ...REMEDIATION, recommended: false } },
    why: "a restart would no longer help: ",
  },
  {
    verdict: { remediation: REMEDIATION && { ...REMEDIATION, host: "edge-1" } },
    why: "it is now app.service on edge-1.",
  },
  { request: makeRequest(), why: "origin-1 is no longer a host of shop." },
  {
    allowed: { ok: false, why: "Three today.", hint: "Wait.", escalate: false },
    why: "Three today.",
  },
  { reading: { kind: "refused", why: "It is masked.", hint: "Unmask it." }, why: "It is masked." },
  { reading: { hostKey: "SHA256:other" }, why: "origin-1 presents another host key (SHA256:other)." },
  { reading: { identity: { ...identity, bootId: "c" } }, why: "origin-1 was rebooted since." },
  { reading: { identity: { ...identity, id: "b.service" } }, why: "app.service is now b.service." },
  { reading: { identity: { ...identity, invocation: "c" } }, why: "app.service was started again since." },
  {
    reading: { risk: { ...risk, takesAlong: ["a.service", "b.service"] } },
    why: "a restart would now take a.service, b.service along.",
  },
  {
    before: { risk: { ...risk, takesAlong: ["a.service"] } },
    why: "a restart would now take nothing along.",
  },
  { reading: { argv: ["reboot"] }, why: "what would run is no longer what was approved." },
];
for (const { why, ...given } of VOID) {
  test(`an approval is void, and says so: ${why}`, async () => {
    assert.deepEqual(await openWorld(given).check(), { kind: "changed", why });
  });
}

test("a fault of ours while looking is no change of the world", async () => {
  const { check } = openWorld({ look: () => Promise.reject(new TypeError("ours")) });
  await assert.rejects(check, TypeError);
});
