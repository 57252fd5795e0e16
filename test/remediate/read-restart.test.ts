import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent } from "../../src/approval/intent.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { isSame, readRestart, tellAnswer } from "../../src/remediate/read-restart.ts";
import { makeRestartWords } from "../../src/remediate/restart-words.ts";
import type { RunOn } from "../../src/remediate/run-on.ts";
import type { RestartOutcome } from "../../src/remediate/service-control.ts";
import { type Answer, BOOT_ID, makeRun } from "./make-run.ts";
import { makeTestIntent } from "./make-test-intent.ts";

const HERE: HostAccess = { name: "app-1", how: { kind: "local" } };
const SHOP = { manager: "systemd", unit: "shop.service" } as const;
const OLD = "a".repeat(32);
const NEW = "c".repeat(32);
const OTHER_BOOT = "00000000-0000-0000-0000-000000000000";
const DONE_TEXT = "shop.service was restarted on app-1.";
const HARDEN = "Run diagnose502 harden for this host again.";

/** A restart that was sent by sudo, through the helper or not. */
function intentOf(helper: boolean): Intent {
  const identity = { id: "shop.service", invocation: OLD, bootId: BOOT_ID };
  const argv = makeRestartWords(SHOP, identity, { isRoot: false, helper, resetsBudget: false });
  const risk = { takesAlong: [], startsLeft: 4, resetsBudget: false };
  const state = "active (running)";
  return makeTestIntent(SHOP, { kind: "read", identity, hostKey: "local", risk, argv, state, helper });
}

const HELPED = intentOf(true);
const PLAIN = intentOf(false);

const refused = (text: string, hint: string): RestartOutcome => ({ kind: "refused", text, hint });
const noAnswer = (why: string): RestartOutcome => ({
  kind: "no-answer",
  text: `No clear answer came back: ${why}.`,
});
const done = (invocation: string, bootId = BOOT_ID, id = "shop.service"): RestartOutcome => ({
  kind: "done",
  identity: { id, invocation, bootId },
  text: DONE_TEXT,
});

/** What the restart's words brought, and what systemd says when it is asked after them. */
function read(intent: Intent, answer: Answer, now?: Answer): Promise<RestartOutcome> {
  const runOn: RunOn = async () => {
    if (now === undefined) throw new TypeError("nothing more should be asked");
    return { kind: "ran", run: makeRun({ now }), hostKey: "local" };
  };
  return readRestart(makeRun({ restart: answer }), intent, { host: HERE, runOn });
}

const NOTHING_RAN: readonly (readonly [fact: string, answer: Answer, outcome: RestartOutcome])[] = [
  [
    "a host without the program",
    [{ kind: "missing", what: "sudo" }],
    refused("Nothing was restarted: sudo is not there.", HARDEN),
  ],
  [
    "sudo that wants a password",
    [1, "sudo: a password is required\n"],
    refused("Nothing was restarted: sudo: a password is required.", HARDEN),
  ],
  [
    "sudo that allows other words only, behind a banner",
    [
      1,
      "Authorized users only\nAll is logged\nSorry, user diag is not allowed to execute 'restart' as root on app-1.\n",
    ],
    refused(
      "Nothing was restarted: Sorry, user diag is not allowed to execute 'restart' as root on app-1..",
      HARDEN,
    ),
  ],
  [
    "sudo that does not know the login",
    [1, "Authorized users only\ndiag is not in the sudoers file.\n"],
    refused("Nothing was restarted: diag is not in the sudoers file..", HARDEN),
  ],
  [
    "a restart that did not end in time",
    [{ kind: "timed-out", timeoutMs: 200_000 }, "sudo: timed out\n"],
    noAnswer("no end within 200 s"),
  ],
  [
    "a connection that broke",
    [{ kind: "no-answer", reason: "the connection broke" }],
    noAnswer("the connection broke"),
  ],
];

for (const [fact, answer, outcome] of NOTHING_RAN) {
  test(`${fact}: ${outcome.kind}, by the helper and without it`, async () => {
    assert.deepEqual(await read(HELPED, answer), outcome);
    assert.deepEqual(await read(PLAIN, answer), outcome);
  });
}

const BY_HELPER: readonly (readonly [fact: string, answer: Answer, outcome: RestartOutcome])[] = [
  [
    "its word counts",
    `sudo: unable to resolve host app-1\ndiagnose502 done id=shop.service invocation=${NEW}\n`,
    done(NEW),
  ],
  [
    "its refusal counts, whatever it ends with",
    [4, "diagnose502 refused why=masked\n"],
    refused(
      "The host refused to restart shop.service: it is masked: somebody locked it.",
      "Ask who masked it.",
    ),
  ],
  ["success without its word is no success", "restarted\n", noAnswer("restarted")],
  ["silence is no answer", [1, ""], noAnswer("it ended with 1")],
];

for (const [fact, answer, outcome] of BY_HELPER) {
  test(`from a restart by the helper, ${fact}`, async () => {
    assert.deepEqual(await read(HELPED, answer), outcome);
  });
}

test("a helper's word on a host that does not say its boot is no answer: the old one could not be told", async () => {
  const run = makeRun({ restart: `diagnose502 done invocation=${OLD}\n` }, { bootId: "?" });
  const runOn: RunOn = () => Promise.reject(new TypeError("nothing more should be asked"));
  assert.deepEqual(
    await readRestart(run, HELPED, { host: HERE, runOn }),
    noAnswer(`diagnose502 done invocation=${OLD}`),
  );
});

const FAILED_JOB =
  'Job for shop.service failed because the control process exited with error code.\nSee "systemctl status shop.service" and "journalctl -xeu shop.service" for details.\n';
const failedBecause = (said: string): RestartOutcome => ({
  kind: "failed",
  text: `systemctl reports failure: ${said}`,
  hint: "The service may be down. See: systemctl status shop.service",
});
const shows = (invocation: string) => `Id=shop.service\nInvocationID=${invocation}\n`;

const WITHOUT_HELPER: readonly (readonly [
  fact: string,
  answer: Answer,
  now: Answer | undefined,
  outcome: RestartOutcome,
])[] = [
  [
    "a failure of its manager's leaves it perhaps down",
    [1, FAILED_JOB],
    undefined,
    failedBecause('See "systemctl status shop.service" and "journalctl -xeu shop.service" for details.'),
  ],
  [
    "a service that itself talks of sudo has failed, and was not refused",
    [1, "Job failed: sudo: no tty\nas it said: Sorry, user \n"],
    undefined,
    failedBecause("as it said: Sorry, user"),
  ],
  [
    "a manager that ends in sudo's name has failed, and was not refused",
    [1, "it ran into sudo: \nthen ended with sudo: -"],
    undefined,
    failedBecause("then ended with sudo: -"),
  ],
  ["another invocation proves it", "", shows(NEW), done(NEW)],
  [
    "the same invocation does not prove it",
    "",
    shows(OLD),
    noAnswer("systemctl succeeded, and the service is still the old one"),
  ],
  [
    "a service that cannot be read after it does not prove it",
    "",
    [1, "Failed to connect to bus\n"],
    noAnswer("systemctl succeeded, and the service could not be read after it"),
  ],
];

for (const [fact, answer, now, outcome] of WITHOUT_HELPER) {
  test(`from a restart without the helper, ${fact}`, async () => {
    assert.deepEqual(await read(PLAIN, answer, now), outcome);
  });
}

const OLD_ONE_RUNS: RestartOutcome = {
  kind: "failed",
  text: "The manager of shop.service reports success, and it is still the old one that runs.",
  hint: "Restart it by hand.",
};
const triedAndFailed = (status: string, state: string): RestartOutcome => ({
  kind: "failed",
  text: `The restart of shop.service was tried and failed (status ${status}); it is ${state} now.`,
  hint: "The service may be down. See its status and log on app-1.",
});

const ANSWERS: readonly (readonly [
  word: string,
  fields: Readonly<Record<string, string>>,
  outcome: RestartOutcome,
])[] = [
  ["done", { id: "www.service", invocation: NEW }, done(NEW, BOOT_ID, "www.service")],
  ["done", {}, done("none")],
  ["done", { invocation: OLD }, OLD_ONE_RUNS],
  ["failed", { status: "1", state: "failed" }, triedAndFailed("1", "failed")],
  ["failed", {}, triedAndFailed("unknown", "in an unknown state")],
  ["taken", {}, { kind: "not-done", text: "The restart never arrived at the host, and cannot any more." }],
  [
    "denied",
    {},
    refused(
      "The helper on app-1 does not know shop.service, or not these words.",
      "Run diagnose502 harden for this host again, and install what it prints.",
    ),
  ],
  ["begun", { alive: "yes" }, noAnswer("the helper says begun")],
];

for (const [word, fields, outcome] of ANSWERS) {
  test(`the helper's ${word} ${JSON.stringify(fields)} is ${outcome.kind}`, () => {
    assert.deepEqual(tellAnswer({ word, fields: new Map(Object.entries(fields)) }, HELPED, BOOT_ID), outcome);
  });
}

test("a restart before the host was booted is another one, by its boot alone", () => {
  const answer = { word: "done", fields: new Map([["invocation", OLD]]) };
  assert.deepEqual(tellAnswer(answer, HELPED, OTHER_BOOT), done(OLD, OTHER_BOOT));
  assert.ok(isSame(HELPED.identity, HELPED));
  assert.ok(!isSame({ ...HELPED.identity, bootId: OTHER_BOOT }, HELPED));
  assert.ok(!isSame({ ...HELPED.identity, invocation: NEW }, HELPED));
});

const REFUSALS: readonly (readonly [why: string, because: string, hint: string])[] = [
  [
    "stale",
    "it was started anew since people were asked",
    "Look again: what was approved is not what runs now.",
  ],
  [
    "budget",
    "its start limit is used up: a restart would stop it for good",
    "Mend why it keeps dying, then reset-failed and start it by hand.",
  ],
  ["job", "something starts or stops it right now", "Look again in a moment."],
  ["busy", "another restart is under way on this host", "Look again when that one is proven."],
  ["masked", "it is masked: somebody locked it", "Ask who masked it."],
  ["missing", "its manager does not know it any more", "Correct the site's service in the config."],
  ["alias", "it is another name of a different unit now", HARDEN],
  ["stopped", "it was stopped on purpose", "Ask who stopped it."],
  ["several", "it has several containers now", "Restart them by hand, one at a time."],
  ["no-flock", "the host has no flock program", "Install util-linux on the host."],
  [
    "no-directory",
    "/run/diagnose502 cannot be used by the helper",
    "Check who owns it on the host, and whether /run is full.",
  ],
  ["constructor", "the helper says constructor", "Look again."],
  ["__proto__", "the helper says __proto__", "Look again."],
  ["weather", "the helper says weather", "Look again."],
  ["", "the helper says no", "Look again."],
];

for (const [why, because, hint] of REFUSALS) {
  test(`a refusal for ${why || "no reason"}: ${because}`, () => {
    const outcome = refused(`The host refused to restart shop.service: ${because}.`, hint);
    const answer = { word: "refused", fields: new Map([["why", why]]) };
    assert.deepEqual(tellAnswer(answer, HELPED, BOOT_ID), outcome);
    if (why === "") {
      assert.deepEqual(tellAnswer({ word: "refused", fields: new Map() }, HELPED, BOOT_ID), outcome);
    }
  });
}
