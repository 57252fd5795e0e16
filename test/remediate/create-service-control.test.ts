import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent, ServiceRef } from "../../src/approval/intent.ts";
import { redact } from "../../src/collect/redact.ts";
import type { Shell } from "../../src/collect/shell.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { createServiceControl } from "../../src/remediate/create-service-control.ts";
import { makeRestartWords } from "../../src/remediate/restart-words.ts";
import { unitBlock } from "../topology/site.ts";
import { createCannedShell, type Printed, zeroes } from "./canned-shell.ts";
import { BOOT_ID } from "./make-run.ts";
import { makeTestIntent } from "./make-test-intent.ts";

const HERE: HostAccess = { name: "app-1", how: { kind: "local" } };
const HELPER = "/usr/local/lib/diagnose502/restart";
const KEY = "0123456789abcdef0123456789abcdef";
const OLD = "a".repeat(32);
const NEW = "c".repeat(32);
const HOST_KEY = "SHA256:approved";
const OPTIONS = { resetBudget: false, proxyUnits: [] };
const SHOP: ServiceRef = { manager: "systemd", unit: "shop.service" };
const WWW: ServiceRef = { manager: "systemd", unit: "www.service" };
const WEB: ServiceRef = { manager: "docker", container: "web" };

const controlOf = (shell: Shell, now = () => 0) =>
  createServiceControl({ shell, redact, now, random: zeroes, neverRestart: ["precious.service"] });

function intentOf(helper: boolean, resetsBudget = false): Intent {
  const identity = { id: "shop.service", invocation: OLD, bootId: BOOT_ID };
  const argv = makeRestartWords(SHOP, identity, { isRoot: false, helper, resetsBudget });
  const risk = { takesAlong: [], startsLeft: null, resetsBudget };
  const reading = { kind: "read", identity, hostKey: HOST_KEY, risk, argv } as const;
  return makeTestIntent(SHOP, { ...reading, state: "active (running)", helper }, KEY);
}

/** What systemd and the helper say of a unit that runs: its state, bonds, history, helper, helper by sudo, sudo. */
function unitAnswers(unit: string): readonly Printed[] {
  const shown = unitBlock(unit, { InvocationID: OLD });
  return [shown, shown, "", 127, "diagnose502 known reset=no\n", 1];
}

const webAnswers = (id: string): readonly Printed[] => [
  127,
  `diagnose502 known reset=no id=${id} invocation=web@1 state=running why_not=none\n`,
];

test("a unit is asked of systemd, and is what the host with this key says of it", async () => {
  const shell = createCannedShell([unitAnswers("shop.service")], { hostKey: HOST_KEY });
  assert.deepEqual(await controlOf(shell).read(HERE, SHOP, OPTIONS), {
    kind: "read",
    identity: { id: "shop.service", invocation: OLD, bootId: BOOT_ID },
    hostKey: HOST_KEY,
    risk: { takesAlong: [], startsLeft: null, resetsBudget: false },
    argv: ["sudo", "-n", HELPER, "shop.service", "{key}", OLD],
    state: "active (running)",
    helper: true,
  });
  assert.equal(shell.visits.length, 1);
  assert.match(shell.visits[0]?.looks[0] ?? "", / systemctl show .* -- shop\.service$/);
});

test("a unit that is asked for by an alias is asked once more, by its own name", async () => {
  const shell = createCannedShell([unitAnswers("shop.service"), unitAnswers("shop.service")]);
  const reading = await controlOf(shell).read(HERE, WWW, OPTIONS);
  assert.equal(reading.kind === "read" && reading.identity.id, "shop.service");
  assert.deepEqual(
    shell.visits.map(({ looks }) => looks[0]?.split(" ").at(-1)),
    ["www.service", "shop.service"],
  );
});

test("a host whose names lead to each other is asked no third time", async () => {
  const shell = createCannedShell([unitAnswers("shop.service"), unitAnswers("www.service")]);
  assert.deepEqual(await controlOf(shell).read(HERE, WWW, OPTIONS), {
    kind: "unreadable",
    why: "www.service has names that lead to each other",
    hint: "Name the unit itself in the config.",
  });
  assert.equal(shell.visits.length, 2);
});

test("a container is asked of the helper", async () => {
  const shell = createCannedShell([webAnswers("web")], { hostKey: HOST_KEY });
  assert.deepEqual(await controlOf(shell).read(HERE, WEB, OPTIONS), {
    kind: "read",
    identity: { id: "web", invocation: "web@1", bootId: BOOT_ID },
    hostKey: HOST_KEY,
    risk: { takesAlong: [], startsLeft: null, resetsBudget: false },
    argv: ["sudo", "-n", HELPER, "docker:web", "{key}", "web@1"],
    state: "running",
    helper: true,
  });
  assert.deepEqual(shell.visits[0]?.looks, [
    `10 65536 ${HELPER} check docker:web`,
    `10 65536 sudo -n ${HELPER} check docker:web`,
  ]);
});

test("what the config never lets restart is refused", async () => {
  const precious: ServiceRef = { manager: "docker", container: "precious" };
  const shell = createCannedShell([webAnswers("precious")]);
  assert.deepEqual(await controlOf(shell).read(HERE, precious, OPTIONS), {
    kind: "refused",
    why: "precious is on the list neverRestart of the config",
    hint: "Restart it by hand if it must be; this bot never does.",
  });
});

test("a name that is no plain name is refused before anything is asked", async () => {
  const shell = createCannedShell([]);
  assert.deepEqual(
    await controlOf(shell).read(HERE, { manager: "systemd", unit: "shop*.service" }, OPTIONS),
    {
      kind: "refused",
      why: '"shop*.service" cannot be restarted as a systemd service: expected letters, digits and :_.@- before .service.',
      hint: "Name the service in the config as its manager lists it.",
    },
  );
  assert.deepEqual(shell.visits, []);
});

const failure = { kind: "refused", reason: "app-1 refused the connection", hint: "Start sshd." } as const;
const CLOSED: Shell = { connect: async () => ({ ok: false, failure }), close: async () => undefined };

test("a host that cannot be reached is told as it is", async () => {
  const control = controlOf(CLOSED);
  const why = { why: failure.reason, hint: failure.hint };
  assert.deepEqual(await control.read(HERE, SHOP, OPTIONS), { kind: "unreadable", ...why });
  assert.deepEqual(await control.restart(HERE, intentOf(true), {}), {
    kind: "refused",
    text: `Nothing was sent: ${failure.reason}`,
    hint: failure.hint,
  });
});

test("a mistake of ours is no refusal", async () => {
  const mistake = new TypeError("ours");
  const broken: Shell = { connect: () => Promise.reject(mistake), close: async () => undefined };
  await assert.rejects(controlOf(broken).read(HERE, SHOP, OPTIONS), mistake);
});

test("a restart is the words of the intent, sent once under the approved key, with time to stop and start", async () => {
  const answer = `diagnose502 done id=shop.service invocation=${NEW} state=active\n`;
  const shell = createCannedShell([[answer]], { hostKey: HOST_KEY, rttMs: 10_000 });
  const { signal } = new AbortController();
  assert.deepEqual(await controlOf(shell).restart(HERE, intentOf(true), { signal }), {
    kind: "done",
    identity: { id: "shop.service", invocation: NEW, bootId: BOOT_ID },
    text: "shop.service was restarted on app-1.",
  });
  assert.deepEqual(
    shell.visits.map(({ looks, limits }) => [looks, limits.deadlineMs, limits.signal]),
    [[[`200 16384 sudo -n ${HELPER} shop.service ${KEY} ${OLD}`], 210_000, signal]],
  );
});

test("what is not fresh any more when the host is reached is not sent", async () => {
  const shell = createCannedShell([[]], { hostKey: HOST_KEY });
  assert.deepEqual(await controlOf(shell).restart(HERE, intentOf(true), { isFresh: () => false }), {
    kind: "not-done",
    text: "Nothing was sent: the bot was held up after its last check, or its clock was set.",
  });
  assert.deepEqual(
    shell.visits.map(({ looks, closed }) => [looks, closed]),
    [[[], true]],
  );
});

test("a restart that was sent is read, however late that is", async () => {
  const shell = createCannedShell([[""], [`InvocationID=${NEW}\n`]], { hostKey: HOST_KEY });
  const isFresh = () => shell.visits.length === 1;
  const outcome = await controlOf(shell).restart(HERE, intentOf(false), { isFresh });
  assert.equal(outcome.kind, "done");
  assert.deepEqual(
    shell.visits.map(({ looks }) => looks[0]?.split(" ").slice(2)),
    [
      ["sudo", "-n", "systemctl", "restart", "--", "shop.service"],
      ["systemctl", "show", "--no-pager", "--property=Id,InvocationID", "--", "shop.service"],
    ],
  );
});

test("a host that shows another key, and words that are no restart of the service, are sent nothing", async () => {
  const shell = createCannedShell([[]], { hostKey: "SHA256:other" });
  assert.deepEqual(await controlOf(shell).restart(HERE, intentOf(true), {}), {
    kind: "refused",
    text: "Nothing was sent: app-1 shows the host key SHA256:other, and SHA256:approved was approved",
    hint: "Find out why the host has another key, then look again.",
  });
  assert.deepEqual(shell.visits[0]?.looks, []);

  const untouched = createCannedShell([]);
  const { argv } = intentOf(true, true);
  assert.deepEqual(await controlOf(untouched).restart(HERE, { ...intentOf(true), argv }, {}), {
    kind: "refused",
    text: "Nothing was sent: the stored words are not a restart of this service.",
    hint: "Press “Look again” for a fresh proposal, and find out who changed the row.",
  });
  assert.deepEqual(untouched.visits, []);
});

test("what became of a restart is asked of the helper that was to do it", async () => {
  const shell = createCannedShell([["diagnose502 taken\n"]], { hostKey: HOST_KEY });
  const { signal } = new AbortController();
  assert.deepEqual(await controlOf(shell).ask(HERE, intentOf(true), { signal }), {
    kind: "not-done",
    text: "The restart never arrived at the host, and cannot any more.",
  });
  assert.deepEqual(
    shell.visits.map(({ looks, limits }) => [looks, limits.signal]),
    [[[`30 65536 sudo -n ${HELPER} status shop.service ${KEY}`], signal]],
  );
});

test("without a helper it is asked of systemd, once the restart must have ended", async () => {
  const intent = intentOf(false);
  const sentMs = Date.parse(intent.sentAt ?? "");
  const shell = createCannedShell([[`Id=shop.service\nInvocationID=${OLD}\n`]], { hostKey: HOST_KEY });
  const early = await controlOf(shell, () => sentMs + 229_999).ask(HERE, intent, {});
  assert.equal(early.kind, "no-answer");
  assert.deepEqual(shell.visits, []);

  const late = await controlOf(shell, () => sentMs + 230_000).ask(HERE, intent, {});
  assert.equal(late.kind, "unknown");
  assert.deepEqual(
    shell.visits.map(({ looks }) => looks),
    [["10 65536 systemctl show --no-pager --property=Id,InvocationID -- shop.service"]],
  );
});

test("a marker is forgotten on the approved host, and where there is no helper there is none", async () => {
  const shell = createCannedShell([["diagnose502 forgotten\n"]], { hostKey: HOST_KEY });
  await controlOf(shell).forget(HERE, intentOf(false));
  assert.deepEqual(shell.visits, []);
  await controlOf(shell).forget(HERE, intentOf(true));
  assert.deepEqual(
    shell.visits.map(({ looks, closed }) => [looks, closed]),
    [[[`10 65536 sudo -n ${HELPER} forget shop.service ${KEY}`], true]],
  );

  const other = createCannedShell([[]], { hostKey: "SHA256:other" });
  await controlOf(other).forget(HERE, intentOf(true));
  assert.deepEqual(
    other.visits.map(({ looks }) => looks),
    [[]],
  );
});
