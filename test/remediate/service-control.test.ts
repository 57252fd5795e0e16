import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Intent } from "../../src/approval/intent.ts";
import { redact } from "../../src/collect/redact.ts";
import type { ScriptEnd, Shell } from "../../src/collect/shell.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { OperatorError } from "../../src/operator-error.ts";
import { createServiceControl } from "../../src/remediate/create-service-control.ts";
import { makeRestartWords } from "../../src/remediate/restart-words.ts";
import { type FakeHost, makeFakeHost } from "./fake-host.ts";
import { createShellTo } from "./helper-shell.ts";
import { makeTestIntent } from "./make-test-intent.ts";

const HERE: HostAccess = { name: "app-1", how: { kind: "local" } };
const SHOP = { manager: "systemd", unit: "shop.service" } as const;
const BOOT_ID = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

const control = (shell: Shell, now = Date.now) =>
  createServiceControl({ shell, redact, now, random: randomBytes, neverRestart: [] });

function intentFor(
  host: FakeHost,
  parts: { readonly helper?: boolean; readonly bootId?: string } = {},
): Intent {
  const identity = { id: SHOP.unit, invocation: host.invocation(SHOP.unit), bootId: parts.bootId ?? BOOT_ID };
  const { helper = true } = parts;
  const isRoot = process.getuid?.() === 0;
  const argv = makeRestartWords(SHOP, identity, { isRoot, helper, resetsBudget: false });
  const risk = { takesAlong: [], startsLeft: 5, resetsBudget: false };
  const reading = {
    kind: "read",
    identity,
    hostKey: "local",
    risk,
    argv,
    state: "active (running)",
    helper,
  } as const;
  return makeTestIntent(SHOP, reading);
}

async function withHost(use: (host: FakeHost, shell: Shell) => Promise<void>): Promise<void> {
  const host = makeFakeHost();
  const shell = createShellTo(host);
  try {
    await use(host, shell);
  } finally {
    await shell.close();
    host.remove();
  }
}

test("a restart is done once; asked again, it is still done", () =>
  withHost(async (host, shell) => {
    const intent = intentFor(host);
    const outcome = await control(shell).restart(HERE, intent, {});
    const identity = { id: "shop.service", invocation: host.invocation("shop.service"), bootId: BOOT_ID };
    assert.deepEqual(outcome, { kind: "done", identity, text: "shop.service was restarted on app-1." });
    assert.deepEqual(await control(shell).ask(HERE, intent, {}), outcome);
    assert.equal(host.log().length, 1);
    await control(shell).forget(HERE, intent);
    assert.deepEqual(host.markers(), []);
  }));

test("a restart that failed says that the service may be down", () =>
  withHost(async (host, shell) => {
    host.write("fails", "");
    const outcome = await control(shell).restart(HERE, intentFor(host), {});
    assert.equal(outcome.kind, "failed");
    assert.match(JSON.stringify(outcome), /tried and failed \(status 1\); it is active now.*may be down/);
  }));

test("what is no longer what was approved is refused by the host", () =>
  withHost(async (host, shell) => {
    const intent = intentFor(host);
    host.unit("shop.service", { InvocationID: "9".repeat(32) });
    const outcome = await control(shell).restart(HERE, intent, {});
    assert.equal(outcome.kind, "refused");
    assert.match(JSON.stringify(outcome), /started anew since people were asked/);
    assert.deepEqual(host.log(), []);
  }));

test("nothing is sent to a host that shows another key, or for words that are no restart", () =>
  withHost(async (host, shell) => {
    const intent = intentFor(host);
    for (const altered of [
      { ...intent, hostKey: "SHA256:other" },
      { ...intent, argv: ["sh", "-c", "id"] },
      { ...intent, argv: [...intent.argv, "reset-budget"] },
      { ...intent, key: "f".repeat(32) },
    ]) {
      const outcome = await control(shell).restart(HERE, altered, {});
      assert.equal(outcome.kind, "refused", JSON.stringify(outcome));
      assert.match(JSON.stringify(outcome), /Nothing was sent/);
    }
    assert.deepEqual(host.log(), []);
    assert.deepEqual(host.markers(), []);
  }));

test("a host that was booted since remembers nothing: unknown, never 'not done'", () =>
  withHost(async (host, shell) => {
    const intent = intentFor(host, { bootId: "00000000-0000-0000-0000-000000000000" });
    const outcome = await control(shell).ask(HERE, intent, {});
    assert.equal(outcome.kind, "unknown");
    assert.match(JSON.stringify(outcome), /was booted since/);
  }));

const BEGUN: readonly (readonly [fact: string, unit: Readonly<Record<string, string>>, kind: string])[] = [
  ["and the service is the old one", {}, "not-done"],
  ["and it was started anew by somebody", { InvocationID: "7".repeat(32) }, "done"],
  ["and its manager may have started it anew", { InvocationID: "7".repeat(32), NRestarts: "2" }, "unknown"],
  ["and something is under way", { ActiveState: "deactivating" }, "no-answer"],
];

for (const [fact, unit, kind] of BEGUN) {
  test(`begun without an end, ${fact}: ${kind}`, () =>
    withHost(async (host, shell) => {
      const intent = intentFor(host);
      await host.run("status", "shop.service", "0".repeat(32));
      host.write(`run/${intent.key}`, "begun at=1\n");
      host.unit("shop.service", unit);
      const outcome = await control(shell).ask(HERE, intent, {});
      assert.equal(outcome.kind, kind, JSON.stringify(outcome));
    }));
}

test("a helper that no longer knows the service says nothing about what an older one did", () =>
  withHost(async (host, shell) => {
    const intent = intentFor(host);
    const gone = { ...intent, identity: { ...intent.identity, id: "gone.service" } };
    assert.equal((await control(shell).ask(HERE, gone, {})).kind, "unknown");
  }));

/** A host whose connection ends so, after printing some of what it should. */
function brokenShell(end: ScriptEnd, prints = ""): Shell {
  return {
    async connect() {
      return {
        ok: true,
        connection: {
          rttMs: 1,
          hostKey: "local",
          async runScript(_script, { onBytes }) {
            onBytes(Buffer.from(prints));
            return end;
          },
          close: () => undefined,
        },
      };
    },
    close: async () => undefined,
  };
}

const FORGED = `${"0".repeat(32)} 0 30\ndiagnose502 done invocation=1\n0\n${"0".repeat(32)} end\n`;
const ENDS: readonly (readonly [fact: string, shell: Shell])[] = [
  ["the connection is lost", brokenShell({ kind: "lost", reason: "the connection broke" })],
  ["the deadline strikes", brokenShell({ kind: "deadline" })],
  ["the script ends without a frame", brokenShell({ kind: "closed", exitCode: 0 })],
  ["the host prints without end", brokenShell({ kind: "too-much-output" })],
  ["we are stopped", brokenShell({ kind: "aborted" })],
  ["a frame is forged under a guessed mark", brokenShell({ kind: "closed", exitCode: 0 }, FORGED)],
  [
    "a login script imitates the helper",
    brokenShell({ kind: "closed", exitCode: 0 }, "diagnose502 done invocation=1\n"),
  ],
];

for (const [fact, shell] of ENDS) {
  test(`no answer, and never success, when ${fact}`, () =>
    withHost(async (host) => {
      const intent = intentFor(host);
      assert.equal((await control(shell).restart(HERE, intent, {})).kind, "no-answer");
      assert.equal((await control(shell).ask(HERE, intent, {})).kind, "no-answer");
    }));
}

class OtherKeyError extends OperatorError {
  readonly code = "HOST_KEY_CHANGED";
}

test("a host that cannot be reached, or must not be trusted, is a value", () =>
  withHost(async (host) => {
    const intent = intentFor(host);
    const failure = { kind: "refused", reason: "app-1 refused the connection", hint: "Start sshd." } as const;
    const refusing: Shell = { connect: async () => ({ ok: false, failure }), close: async () => undefined };
    const untrusted: Shell = {
      connect: () => Promise.reject(new OtherKeyError("app-1 shows another key.", { hint: "Stop." })),
      close: async () => undefined,
    };
    for (const shell of [refusing, untrusted]) {
      assert.equal(
        (await control(shell).read(HERE, SHOP, { resetBudget: false, proxyUnits: [] })).kind,
        "unreadable",
      );
      assert.equal((await control(shell).restart(HERE, intent, {})).kind, "refused");
      assert.equal((await control(shell).ask(HERE, intent, {})).kind, "no-answer");
      await control(shell).forget(HERE, intent);
    }
  }));

test("without a helper nothing is asked before the restart must have ended, and then it stays unknown", () =>
  withHost(async (host) => {
    const intent = intentFor(host, { helper: false });
    const sentAt = Date.parse(intent.sentAt ?? "");
    const lost = brokenShell({ kind: "lost", reason: "the connection broke" });
    assert.match(
      (await control(lost, () => sentAt + 229_000).ask(HERE, intent, {})).text,
      /may still be under way/,
    );
    assert.match((await control(lost, () => sentAt + 231_000).ask(HERE, intent, {})).text, /cannot be asked/);
  }));

test("a name that is no plain name never stands in a command", () =>
  withHost(async (_host, shell) => {
    for (const unit of ["-H evil.service", "app*.service", "a\nb.service", "../x.service", "shop.target"]) {
      const reading = await control(shell).read(
        HERE,
        { manager: "systemd", unit },
        { resetBudget: false, proxyUnits: [] },
      );
      assert.equal(reading.kind, "refused", unit);
      assert.match(JSON.stringify(reading), /cannot be restarted as a systemd service/);
    }
  }));
