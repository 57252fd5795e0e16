import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent } from "../../src/approval/intent.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { askManager } from "../../src/remediate/ask-manager.ts";
import type { RunOn } from "../../src/remediate/run-on.ts";
import type { RestartOutcome } from "../../src/remediate/service-control.ts";
import { type Answer, BOOT_ID, makeRun } from "./make-run.ts";
import { makeTestIntent } from "./make-test-intent.ts";

const HERE: HostAccess = { name: "app-1", how: { kind: "local" } };
const OLD = "a".repeat(32);
const NEW = "c".repeat(32);
const SENT_MS = Date.parse("2026-11-21T12:00:00.000Z");
const TIMEOUT_MS = 200_000;
const GRACE_MS = 30_000;

/** Approved an hour before it was sent. */
const INTENT: Intent = {
  ...makeTestIntent(
    { manager: "systemd", unit: "shop.service" },
    {
      kind: "read",
      identity: { id: "shop.service", invocation: OLD, bootId: BOOT_ID },
      hostKey: "local",
      risk: { takesAlong: [], startsLeft: 4, resetsBudget: false },
      argv: ["systemctl", "restart", "--", "shop.service"],
      state: "active (running)",
      helper: false,
    },
  ),
  createdAt: "2026-11-21T11:00:00.000Z",
  sentAt: "2026-11-21T12:00:00.000Z",
};
const { sentAt: _, ...NEVER_SENT } = INTENT;

const noAnswer = (text: string): RestartOutcome => ({ kind: "no-answer", text });
const unknown = (why: string, hint: string): RestartOutcome => ({
  kind: "unknown",
  text: `Whether the restart happened is not known. ${why}`,
  hint,
});
const TOO_EARLY = noAnswer("It may still be under way, and there is no helper to ask.");
const NOT_ASKED = noAnswer("app-1 cannot be asked.");
const THE_OLD_ONE = unknown(
  "shop.service has not been started anew so far.",
  "Look again before anything else is done.",
);

interface Told {
  readonly intent?: Intent;
  readonly atMs?: number;
  readonly bootId?: string;
}

/** Asks systemd, which says so; without an answer nobody may be asked. */
function ask(answer: Answer | undefined, told: Told = {}): Promise<RestartOutcome> {
  const { intent = INTENT, atMs = SENT_MS + TIMEOUT_MS + GRACE_MS, bootId = BOOT_ID } = told;
  const runOn: RunOn = async () => {
    if (answer === undefined) throw new TypeError("nothing should be asked yet");
    return { kind: "ran", run: makeRun({ now: answer }, { bootId }), hostKey: "local" };
  };
  return askManager(HERE, intent, { runOn, now: () => atMs, restartTimeoutMs: TIMEOUT_MS });
}

const shows = (invocation: string): Answer => `Id=shop.service\nInvocationID=${invocation}\n`;

const ANSWERS: readonly (readonly [fact: string, answer: Answer, bootId: string, outcome: RestartOutcome])[] =
  [
    ["the old one that runs proves nothing", shows(OLD), BOOT_ID, THE_OLD_ONE],
    [
      "a new one that runs may be anybody's",
      shows(NEW),
      BOOT_ID,
      unknown(
        "shop.service has been started anew since, by this restart or by somebody else.",
        "Look again: the fault may be gone.",
      ),
    ],
    [
      "a host that was booted since has started everything anew",
      shows(OLD),
      "00000000-0000-0000-0000-000000000000",
      unknown("app-1 was booted since.", "Look again: the boot has started everything anew."),
    ],
    ["a manager that does not answer is asked again", [1, "no bus\n"], BOOT_ID, NOT_ASKED],
    ["a host that does not say its boot is asked again", shows(OLD), "?", NOT_ASKED],
  ];

for (const [fact, answer, bootId, outcome] of ANSWERS) {
  test(`after a restart without a helper, ${fact}`, async () => {
    assert.deepEqual(await ask(answer, { bootId }), outcome);
  });
}

test("nothing is asked while the restart, sent as late as it was, may be under way", async () => {
  const endsMs = SENT_MS + TIMEOUT_MS + GRACE_MS;
  assert.deepEqual(await ask(undefined, { atMs: endsMs - 1 }), TOO_EARLY);
  assert.deepEqual(await ask(shows(OLD), { atMs: endsMs }), THE_OLD_ONE);
});

test("an intent without the time it was sent counts from when it was made", async () => {
  const endsMs = SENT_MS - 3_600_000 + TIMEOUT_MS + GRACE_MS;
  assert.deepEqual(await ask(undefined, { intent: NEVER_SENT, atMs: endsMs - 1 }), TOO_EARLY);
  assert.deepEqual(await ask(shows(OLD), { intent: NEVER_SENT, atMs: endsMs }), THE_OLD_ONE);
});
