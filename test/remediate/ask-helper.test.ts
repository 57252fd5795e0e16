import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent, ServiceRef } from "../../src/approval/intent.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { askHelper } from "../../src/remediate/ask-helper.ts";
import { lookOf } from "../../src/remediate/manager.ts";
import { makeRestartWords } from "../../src/remediate/restart-words.ts";
import type { RunOn } from "../../src/remediate/run-on.ts";
import type { RestartOutcome } from "../../src/remediate/service-control.ts";
import { type Answer, BOOT_ID, makeRun } from "./make-run.ts";
import { makeTestIntent } from "./make-test-intent.ts";

const HERE: HostAccess = { name: "app-1", how: { kind: "local" } };
const WORDS = ["sudo", "-n", "/helper", "status", "shop.service", "key"];
const OLD = "a".repeat(32);
const NEW = "c".repeat(32);
const SHOP: ServiceRef = { manager: "systemd", unit: "shop.service" };

function intentOf(service: ServiceRef, invocation = OLD): Intent {
  const identity = { id: "shop.service", invocation, bootId: BOOT_ID };
  const argv = makeRestartWords(service, identity, { isRoot: false, helper: true, resetsBudget: false });
  const risk = { takesAlong: [], startsLeft: 4, resetsBudget: false };
  const reading = { kind: "read", identity, hostKey: "SHA256:approved", risk, argv } as const;
  return makeTestIntent(service, { ...reading, state: "active (running)", helper: true });
}

const INTENT = intentOf(SHOP);

function ask(answer: Answer, intent = INTENT, bootId = BOOT_ID): Promise<RestartOutcome> {
  const run = makeRun({ status: answer }, { bootId });
  const runOn: RunOn = async () => ({ kind: "ran", run, hostKey: "SHA256:approved" });
  return askHelper(HERE, intent, { runOn, words: WORDS });
}

const done = (invocation: string, id = "shop.service"): RestartOutcome => ({
  kind: "done",
  identity: { id, invocation, bootId: BOOT_ID },
  text: "shop.service was restarted on app-1.",
});
const noAnswer = (text: string): RestartOutcome => ({ kind: "no-answer", text });
const unknown = (why: string, hint: string): RestartOutcome => ({
  kind: "unknown",
  text: `Whether the restart happened is not known: ${why}.`,
  hint,
});
const UNDER_WAY = noAnswer("The restart of shop.service may still be under way.");
const OLD_ONE: RestartOutcome = {
  kind: "not-done",
  text: "The host began, and shop.service is still the one it was: it was not restarted, and the key is used.",
};
const BY_ITSELF = unknown(
  "the host began, and shop.service has been started anew since, which its manager may have done by itself",
  "Look again: the fault may be gone.",
);
const isNow = (state: string) =>
  unknown(`the host began, and shop.service is ${state} now`, "See its status and log on app-1.");

const ENDED = "diagnose502 begun alive=no job=none";

const ANSWERS: readonly (readonly [fact: string, answer: Answer, outcome: RestartOutcome])[] = [
  ["it was done", `sudo: hello\ndiagnose502 done invocation=${NEW} again=yes\n`, done(NEW)],
  [
    "it never arrived",
    "diagnose502 taken\n",
    { kind: "not-done", text: "The restart never arrived at the host, and cannot any more." },
  ],
  [
    "the helper was replaced by one that knows less",
    [126, "diagnose502 denied\n"],
    unknown("the helper on app-1 does not know this service any more", "Look at it there."),
  ],
  [
    "it had refused it",
    [2, "diagnose502 refused why=stale at=1 again=yes\n"],
    {
      kind: "refused",
      text: "The host refused to restart shop.service: it was started anew since people were asked.",
      hint: "Look again: what was approved is not what runs now.",
    },
  ],
  ...["no-directory", "no-flock"].map(
    (why) =>
      [
        `it says ${why}, which is nothing about the key`,
        [2, `diagnose502 refused why=${why}\n`],
        noAnswer(`The helper on app-1 cannot tell: it says ${why}.`),
      ] as const,
  ),
  [
    "it refuses without a word",
    [2, "diagnose502 refused\n"],
    noAnswer("The helper on app-1 cannot tell: it says no."),
  ],
  [
    "there is no helper any more",
    [1, "sudo: /helper: command not found\n"],
    noAnswer("The helper on app-1 does not answer: sudo: /helper: command not found."),
  ],
  [
    "it works on it",
    `diagnose502 begun alive=yes job=none state=active invocation=${NEW} restarts=0\n`,
    UNDER_WAY,
  ],
  [
    "the manager works on it",
    `diagnose502 begun alive=no job=job state=active invocation=${NEW} restarts=0\n`,
    UNDER_WAY,
  ],
  ["it says only that it began", "diagnose502 begun\n", UNDER_WAY],
  [
    "it ended, and the service is the old one",
    `${ENDED} state=active invocation=${OLD} restarts=0\n`,
    OLD_ONE,
  ],
  [
    "it ended, and the service is a new one",
    `${ENDED} state=active invocation=${NEW} restarts=0\n`,
    done(NEW),
  ],
  [
    "it ended, and the service has another name",
    `${ENDED} state=active id=www.service invocation=${NEW} restarts=0\n`,
    done(NEW, "www.service"),
  ],
  [
    "it ended, and the manager has started the service since",
    `${ENDED} state=active invocation=${NEW} restarts=1\n`,
    BY_ITSELF,
  ],
  ["it ended, and nobody counts", `${ENDED} state=active invocation=${NEW}\n`, BY_ITSELF],
  [
    "it ended, and the new one has failed",
    `${ENDED} state=failed invocation=${NEW} restarts=0\n`,
    isNow("failed"),
  ],
  [
    "it ended, and the service is stopped and forgotten",
    `${ENDED} state=inactive invocation=none restarts=0\n`,
    isNow("inactive"),
  ],
  ["it ended, and the service is not there", `${ENDED} restarts=0\n`, isNow("in an unknown state")],
];

for (const [fact, answer, outcome] of ANSWERS) {
  test(`the helper is asked after a restart, and ${fact}: ${outcome.kind}`, async () => {
    assert.deepEqual(await ask(answer), outcome);
  });
}

test("only systemd counts from the start that was asked for: a new container may be anybody's", async () => {
  const web = intentOf({ manager: "docker", container: "shop.service" });
  assert.deepEqual(await ask(`${ENDED} state=running invocation=${NEW} restarts=0\n`, web), BY_ITSELF);
});

test("a service that never ran, and does not run now, is still the one it was", async () => {
  assert.deepEqual(await ask(`${ENDED} state=inactive restarts=0\n`, intentOf(SHOP, "none")), OLD_ONE);
});

test("a host that was booted since remembers nothing; one that does not say is asked again", async () => {
  const taken = "diagnose502 taken\n";
  assert.deepEqual(
    await ask(taken, INTENT, "00000000-0000-0000-0000-000000000000"),
    unknown(
      "app-1 was booted since, and remembers no restarts from before",
      "Look again: the boot has started everything anew.",
    ),
  );
  assert.deepEqual(
    await ask(taken, INTENT, "?"),
    noAnswer("The helper on app-1 does not answer: diagnose502 taken."),
  );
});

test("the approved host is asked under the approved key, longer than the helper waits for its lock", async () => {
  const asked: Parameters<RunOn>[] = [];
  const runOn: RunOn = async (...call) => {
    asked.push(call);
    return { kind: "not-run", why: "app-1 refused the connection", hint: "Start sshd." };
  };
  const { signal } = new AbortController();
  const outcome = noAnswer("app-1 cannot be asked: app-1 refused the connection");
  assert.deepEqual(await askHelper(HERE, INTENT, { runOn, words: WORDS }), outcome);
  assert.deepEqual(await askHelper(HERE, INTENT, { runOn, words: WORDS, signal }), outcome);
  const looks = [lookOf("status", WORDS, { timeoutMs: 30_000 })];
  assert.deepEqual(asked, [
    [HERE, looks, { hostKey: "SHA256:approved" }],
    [HERE, looks, { hostKey: "SHA256:approved", signal }],
  ]);
});
