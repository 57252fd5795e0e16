import assert from "node:assert/strict";
import { test } from "node:test";
import { createKnownSecrets } from "../../src/collect/redact/known-secrets.ts";
import { createRedact, redact } from "../../src/collect/redact.ts";
import type { Shell } from "../../src/collect/shell.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { OperatorError } from "../../src/operator-error.ts";
import { lookOf, resultOf } from "../../src/remediate/manager.ts";
import { createRunOn } from "../../src/remediate/run-on.ts";
import { createCannedShell, zeroes } from "./canned-shell.ts";
import { makeResult } from "./make-run.ts";

const HERE: HostAccess = { name: "app-1", how: { kind: "local" } };
const LOOKS = [lookOf("now", ["systemctl", "show"])];
const ANSWERS = [["Id=shop.service\n"]];
const KEY = "SHA256:approved";

const runOnTo = (shell: Shell, maxRoundMs = 60_000) =>
  createRunOn({ shell, redact, now: () => 0, random: zeroes }, { maxRoundMs });

const TRUSTED: readonly (readonly [fact: string, shown: string | undefined, approved: string | undefined])[] =
  [
    ["a host that shows the approved key", KEY, KEY],
    ["a host whose key nobody has approved yet", KEY, undefined],
    ["a recording, which shows no key,", undefined, undefined],
  ];

for (const [fact, shown, approved] of TRUSTED) {
  test(`${fact} is looked at`, async () => {
    const shell = createCannedShell(ANSWERS, shown === undefined ? {} : { hostKey: shown });
    const ran = await runOnTo(shell)(HERE, LOOKS, approved === undefined ? {} : { hostKey: approved });
    assert.deepEqual(ran.kind === "ran" && [resultOf(ran.run, "now"), ran.hostKey], [
      makeResult("now", "Id=shop.service\n"),
      shown ?? "",
    ]);
    assert.deepEqual(
      shell.visits.map(({ host, looks, closed }) => [host, looks, closed]),
      [[HERE, ["10 65536 systemctl show"], true]],
    );
  });
}

test("what the bot itself must keep secret is taken out of what a host prints", async () => {
  const own = createKnownSecrets();
  own.add("tulip-Forest/9");
  const shell = createCannedShell([["Description=tulip-Forest/9\n"]]);
  const edges = { shell, redact: createRedact(own), now: () => 0, random: zeroes };
  const runOn = createRunOn(edges, { maxRoundMs: 60_000 });
  const ran = await runOn(HERE, LOOKS, {});
  assert.ok(ran.kind === "ran");
  assert.doesNotMatch(JSON.stringify(ran), /tulip/);
});

test("a host that shows another key than the approved one is sent nothing", async () => {
  const shell = createCannedShell(ANSWERS, { hostKey: "SHA256:other" });
  assert.deepEqual(await runOnTo(shell)(HERE, LOOKS, { hostKey: KEY }), {
    kind: "not-run",
    why: "app-1 shows the host key SHA256:other, and SHA256:approved was approved",
    hint: "Find out why the host has another key, then look again.",
  });
  assert.deepEqual(
    shell.visits.map(({ looks, closed }) => [looks, closed]),
    [[[], true]],
  );
});

test("whether it is still wanted is asked once the host is reached; if it is not, nothing is sent", async () => {
  const shell = createCannedShell([...ANSWERS, ...ANSWERS]);
  const isFresh = () => shell.visits.length === 1;
  const early = await runOnTo(shell)(HERE, LOOKS, { isFresh });
  assert.equal(early.kind, "ran");
  assert.deepEqual(await runOnTo(shell)(HERE, LOOKS, { isFresh }), {
    kind: "not-run",
    why: "the bot was held up after its last check, or its clock was set",
    hint: "Look again.",
    isLate: true,
  });
  assert.deepEqual(
    shell.visits.map(({ looks, closed }) => [looks.length, closed]),
    [
      [1, true],
      [0, true],
    ],
  );
});

test("who asks may stop it, while it connects and while it runs", async () => {
  const shell = createCannedShell([...ANSWERS, ...ANSWERS]);
  const { signal } = new AbortController();
  await runOnTo(shell)(HERE, LOOKS, { signal });
  await runOnTo(shell)(HERE, LOOKS, {});
  assert.deepEqual(
    shell.visits.map(({ options, limits }) => [options, limits.signal]),
    [
      [{ timeoutMs: 10_000, signal }, signal],
      [{ timeoutMs: 10_000 }, undefined],
    ],
  );
});

test("a round takes no longer than it may, whatever its looks are granted", async () => {
  const shell = createCannedShell(ANSWERS);
  await runOnTo(shell, 7000)(HERE, LOOKS, {});
  assert.deepEqual(
    shell.visits.map(({ limits }) => limits.deadlineMs),
    [7000],
  );
});

class OtherKeyError extends OperatorError {
  readonly code = "HOST_KEY_CHANGED";
}

const refusing = (connect: Shell["connect"]): Shell => ({ connect, close: async () => undefined });

test("a host that refuses the connection, or must not be trusted, is a value with its reason and hint", async () => {
  const failure = { kind: "refused", reason: "app-1 refused the connection", hint: "Start sshd." } as const;
  const closed = refusing(async () => ({ ok: false, failure }));
  const changed = refusing(() =>
    Promise.reject(new OtherKeyError("app-1 has another key", { hint: "Stop." })),
  );
  assert.deepEqual(await runOnTo(closed)(HERE, LOOKS, {}), {
    kind: "not-run",
    why: "app-1 refused the connection",
    hint: "Start sshd.",
  });
  assert.deepEqual(await runOnTo(changed)(HERE, LOOKS, {}), {
    kind: "not-run",
    why: "app-1 has another key",
    hint: "Stop.",
  });
});

test("a mistake of ours is thrown as it is, and leaves no connection", async () => {
  const mistake = new TypeError("ours");
  const broken = refusing(() => Promise.reject(mistake));
  await assert.rejects(runOnTo(broken)(HERE, LOOKS, {}), mistake);

  const shell = createCannedShell(ANSWERS);
  const random = () => {
    throw mistake;
  };
  const runOn = createRunOn({ shell, redact, now: () => 0, random }, { maxRoundMs: 7000 });
  await assert.rejects(runOn(HERE, LOOKS, {}), mistake);
  assert.deepEqual(
    shell.visits.map(({ closed }) => closed),
    [true],
  );
});
