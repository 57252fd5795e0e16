import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import type { Look } from "../../src/plan/plan.ts";
import { lookOf } from "../../src/remediate/manager.ts";
import { readIdentity } from "../../src/remediate/read-identity.ts";
import type { RunOn } from "../../src/remediate/run-on.ts";
import { type Answer, BOOT_ID, makeRun } from "./make-run.ts";
import { makeTestIntent } from "./make-test-intent.ts";

const HERE: HostAccess = { name: "app-1", how: { kind: "local" } };
const INVOCATION = "c".repeat(32);
const INTENT = makeTestIntent(
  { manager: "systemd", unit: "shop.service" },
  {
    kind: "read",
    identity: { id: "shop.service", invocation: "a".repeat(32), bootId: BOOT_ID },
    hostKey: "SHA256:approved",
    risk: { takesAlong: [], startsLeft: 4, resetsBudget: false },
    argv: ["systemctl", "restart", "--", "shop.service"],
    state: "active (running)",
    helper: false,
  },
);

const READINGS: readonly (readonly [fact: string, answer: Answer, invocation: string | undefined])[] = [
  ["a unit that runs is its invocation", `Id=shop.service\nInvocationID=${INVOCATION}\n`, INVOCATION],
  ["a unit that never ran has none", "Id=shop.service\nInvocationID=\n", "none"],
  ["a manager that fails says nothing", [1, `InvocationID=${INVOCATION}\n`], undefined],
  ["an answer without an invocation says nothing", "Id=shop.service\n", undefined],
  ["a name that only ends so is no invocation", `LastInvocationID=${INVOCATION}\n`, undefined],
  ["what is longer than an invocation is none", `InvocationID=${INVOCATION}c\n`, undefined],
];

for (const [fact, answer, invocation] of READINGS) {
  test(fact, async () => {
    const runOn: RunOn = async () => ({ kind: "ran", run: makeRun({ now: answer }), hostKey: "k" });
    assert.deepEqual(
      await readIdentity(INTENT, { host: HERE, runOn }),
      invocation === undefined ? undefined : { id: "shop.service", invocation, bootId: BOOT_ID },
    );
  });
}

test("a host that does not say its boot says nothing: the same start in another boot is another one", async () => {
  const run = makeRun({ now: `Id=shop.service\nInvocationID=${INVOCATION}\n` }, { bootId: "?" });
  const runOn: RunOn = async () => ({ kind: "ran", run, hostKey: "k" });
  assert.equal(await readIdentity(INTENT, { host: HERE, runOn }), undefined);
});

test("a host that cannot be reached says nothing", async () => {
  const runOn: RunOn = async () => ({ kind: "not-run", why: "app-1 refused the connection", hint: "" });
  assert.equal(await readIdentity(INTENT, { host: HERE, runOn }), undefined);
});

test("the approved host is asked one thing under the approved key, until somebody stops it", async () => {
  const asked: (readonly [HostAccess, readonly Look[], Parameters<RunOn>[2]])[] = [];
  const runOn: RunOn = async (...call) => {
    asked.push(call);
    return { kind: "not-run", why: "", hint: "" };
  };
  const { signal } = new AbortController();
  await readIdentity(INTENT, { host: HERE, runOn });
  await readIdentity(INTENT, { host: HERE, runOn, signal });
  const words = ["systemctl", "show", "--no-pager", "--property=Id,InvocationID", "--", "shop.service"];
  const looks = [lookOf("now", words)];
  assert.deepEqual(asked, [
    [HERE, looks, { hostKey: "SHA256:approved" }],
    [HERE, looks, { hostKey: "SHA256:approved", signal }],
  ]);
});
