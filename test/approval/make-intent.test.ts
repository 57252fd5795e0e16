import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, KEY_WORD, makeIntent } from "../../src/approval/make-intent.ts";
import { ANA, makeTestIntent, NOW } from "./intent.ts";

const KEY = "f".repeat(32);
const POLICY = { selfApproval: true, approvals: 2, expireAfterMs: 900_000 } as const;

test("an offer holds what is bound, asks as many as the site says, and ends by itself", () => {
  const { digest: _, ...proposal } = makeTestIntent({ argv: ["restart", "app.service", KEY_WORD] });
  const intent = makeIntent(proposal, { key: KEY, now: NOW, policy: POLICY, requestedBy: ANA });
  assert.deepEqual(intent.argv, ["restart", "app.service", KEY]);
  assert.equal(intent.approvalsNeeded, 2);
  assert.equal(intent.createdAt, "2026-11-20T03:12:00.000Z");
  assert.equal(intent.approveBy, "2026-11-20T03:27:00.000Z");
  assert.equal(intent.state, "awaiting");
  assert.deepEqual(intent.requestedBy, ANA);
  assert.equal(intent.digest, digestOf(intent));
});

test("a change of anything that was approved gives another digest", () => {
  const intent = makeTestIntent();
  const { identity, risk } = intent;
  const changes: readonly Partial<typeof intent>[] = [
    { key: KEY },
    { incident: 8 },
    { diagnosis: "d-1" },
    { site: "blog" },
    { host: "origin-2" },
    { hostKey: "SHA256:other" },
    { service: { manager: "systemd", unit: "other.service" } },
    { service: { manager: "docker", container: "app.service" } },
    { identity: { ...identity, id: "other.service" } },
    { identity: { ...identity, invocation: "c".repeat(32) } },
    { identity: { ...identity, bootId: "c".repeat(32) } },
    { risk: { ...risk, takesAlong: ["worker.service"] } },
    { risk: { ...risk, startsLeft: null } },
    { risk: { ...risk, resetsBudget: true } },
    { cause: "upstream-crash-loop" },
    { why: "It is stopped!" },
    { argv: [...intent.argv, "--force"] },
    { argv: ["sudo -n", "restart", "app.service"] },
    { basis: "e".repeat(64) },
    { basis: "f".repeat(64) },
  ];
  const digests = changes.map((change) => digestOf({ ...intent, ...change }));
  assert.equal(new Set([digestOf(intent), ...digests]).size, changes.length + 1);
});

test("what people answered, and when, is not part of what they are asked", () => {
  const intent = makeTestIntent();
  assert.equal(
    digestOf(intent),
    digestOf({ ...intent, ...makeTestIntent({ state: "approved", outcome: "x" }) }),
  );
});

test("an offer that an alert brought has nobody who asked for it", () => {
  const { digest: _, ...proposal } = makeTestIntent();
  const intent = makeIntent(proposal, { key: KEY, now: NOW, policy: POLICY });
  assert.ok(!("requestedBy" in intent));
});

test("a word of a command is the key only when it is the whole place for it", () => {
  const argv = ["", "{key}x", "key", KEY_WORD];
  const { digest: _, ...proposal } = makeTestIntent({ argv });
  assert.deepEqual(makeIntent(proposal, { key: KEY, now: NOW, policy: POLICY }).argv, [
    "",
    "{key}x",
    "key",
    KEY,
  ]);
});

test("the order in which a service's names were written down changes no digest", () => {
  const parts = { manager: "compose", project: "shop", service: "web" } as const;
  const { service, project, manager } = parts;
  const digests = [parts, { service, project, manager }, { project, manager, service }].map((one) =>
    digestOf(makeTestIntent({ service: one })),
  );
  assert.equal(new Set(digests).size, 1);
});

test("the digest is SHA-256 over a fixed order: what was approved before an update is still the same after it", () => {
  assert.equal(
    digestOf(makeTestIntent()),
    "0fb4123a564e752b3769b3723bf6cc94d6aec2157bde30c9397a6d244a9e1ac5",
  );
});
