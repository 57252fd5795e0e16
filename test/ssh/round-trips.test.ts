import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import type { ShellConnection } from "../../src/collect/shell.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { createSshShell } from "../../src/ssh/ssh-shell.ts";
import { NO_SECRETS } from "../fakes/no-secrets.ts";
import { accessTo, startFakeSshServer } from "../fakes/ssh-server.ts";
import { makeKey, startSshd, withoutSshd } from "./real-sshd.ts";

const directory = mkdtempSync(join(tmpdir(), "d502-trips-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const shell = createSshShell(NO_SECRETS);
after(() => shell.close());

async function connect(host: HostAccess): Promise<ShellConnection> {
  const outcome = await shell.connect(host, { timeoutMs: 15_000 });
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.connection;
}

/** What a script prints to its end, or up to `until`; `onOutput` sees it grow. */
async function say(
  connection: ShellConnection,
  script: string,
  { until, onOutput }: { readonly until: string; readonly onOutput?: () => void },
): Promise<string> {
  let output = "";
  await connection.runScript(script, {
    deadlineMs: 10_000,
    maxBytes: 100_000,
    onBytes(chunk) {
      output += chunk;
      onOutput?.();
      return output.includes(until);
    },
  });
  return output;
}

describe("round trips that are not made", { skip: withoutSshd }, () => {
  const identity = { identityFiles: [makeKey(join(directory, "id"))] };

  async function startServer(
    context: TestContext,
    name: string,
    options: Parameters<typeof startFakeSshServer>[1] = {},
  ) {
    const server = await startFakeSshServer("proper", options);
    context.after(() => server.close());
    const knownHosts = join(directory, name);
    writeFileSync(knownHosts, server.knownHostsLine);
    return { server, access: accessTo(server.port, { ...identity, knownHostsFiles: [knownHosts] }) };
  }

  test("the login does not wait until the login service is granted", async (context) => {
    const { access } = await startServer(context, "never-grants", { neverGrants: true });
    const connection = await connect(access);
    connection.close();
  });

  test("OpenSSH is told what to run together with the request for the first session", async (context) => {
    const { access } = await startServer(context, "confirms-late", { confirmsLate: true });
    const connection = await connect(access);
    assert.match(await say(connection, "echo first\n", { until: "first" }), /first/);
    connection.close();
  });

  test("an OpenSSH that allows no session loses the script, and nothing else", async (context) => {
    const sshd = await startSshd(["MaxSessions 0"]);
    context.after(() => sshd.stop());
    const connection = await connect(sshd.access());
    const limits = { deadlineMs: 10_000, maxBytes: 1000, onBytes: () => false };
    assert.equal((await connection.runScript("echo\n", limits)).kind, "lost");
    connection.close();
  });

  test("the shell for a script that was announced waits already when the script comes", async (context) => {
    const { server, access } = await startServer(context, "waiting");
    const connection = await connect(access);
    const prepare = () => {
      if (server.shells() === 1) connection.prepare?.();
    };
    // it ends once the second shell is there, and only then
    const first = say(connection, "while :; do echo tick; sleep 0.02; done\n", {
      until: "never",
      onOutput: prepare,
    });
    while (server.shells() < 2) await new Promise(setImmediate);
    assert.match(await say(connection, "echo second\n", { until: "second" }), /second/);
    assert.equal(server.shells(), 2, "no further shell was started for it");
    connection.close();
    await first;
  });

  test("a server that allows one session at a time still runs one script after the other", async (context) => {
    const sshd = await startSshd(["MaxSessions 1"]);
    context.after(() => sshd.stop());
    const connection = await connect(sshd.access());
    for (const word of ["first", "second", "third"]) {
      const running = say(connection, `echo ${word}; exit\n`, { until: "never" });
      connection.prepare?.();
      assert.match(await running, new RegExp(word));
    }
    connection.close();
  });
});
