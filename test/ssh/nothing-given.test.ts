import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import ssh2, { type Connection } from "ssh2";
import { createSshShell } from "../../src/ssh/ssh-shell.ts";
import { NO_SECRETS } from "../fakes/no-secrets.ts";
import { makeKey } from "./real-sshd.ts";

/** A server that writes down all it is offered. `letsIn`: any key is good; else it asks for passwords. */
async function startCollector(t: TestContext, { letsIn }: { readonly letsIn: boolean }) {
  const directory = mkdtempSync(join(tmpdir(), "d502-collector-"));
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const hostKey = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const parsed = ssh2.utils.parseKey(hostKey);
  if (parsed instanceof Error) throw parsed;
  const offered: string[] = [];
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connections.add(connection);
    connection.on("error", () => undefined);
    connection.on("authentication", (context) => {
      offered.push(context.method);
      if (letsIn && context.method === "publickey") context.accept();
      else context.reject(letsIn ? ["publickey"] : ["password", "keyboard-interactive", "hostbased"]);
    });
    connection.on("request", (_accept, _reject, name) => offered.push(name));
    connection.on("session", (accept) => {
      const session = accept();
      for (const name of ["auth-agent", "x11", "env", "pty", "shell", "subsystem", "sftp"] as const) {
        session.on(name, () => offered.push(name));
      }
      session.on("exec", (acceptExec) => {
        offered.push("exec");
        acceptExec().end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { port } = address;
  const knownHosts = join(directory, "known_hosts");
  const line = `[127.0.0.1]:${port} ${parsed.type} ${parsed.getPublicSSH().toString("base64")}\n`;
  writeFileSync(knownHosts, line);
  const shell = createSshShell(NO_SECRETS);
  t.after(async () => {
    await shell.close();
    for (const connection of connections) connection.end();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(directory, { recursive: true });
  });
  const connect = () =>
    shell.connect(
      {
        name: "collector",
        how: {
          kind: "ssh",
          address: "127.0.0.1",
          port,
          user: "diag",
          identityFiles: [makeKey(join(directory, "id"))],
          knownHostsFiles: [knownHosts],
        },
      },
      { timeoutMs: 15_000 },
    );
  return { offered, connect };
}

test("a server that asks for passwords is given none", async (t) => {
  const { offered, connect } = await startCollector(t, { letsIn: false });
  assert.equal((await connect()).ok, false);
  assert.deepEqual(
    offered.filter((method) => method !== "none" && method !== "publickey"),
    [],
  );
});

test("a session asks for its command, and forwards no agent, no display and no environment", async (t) => {
  const { offered, connect } = await startCollector(t, { letsIn: true });
  const outcome = await connect();
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const limits = { deadlineMs: 10_000, maxBytes: 1000, onBytes: () => false };
  await outcome.connection.runScript("main() { :; }\nmain; exit\n", limits);
  outcome.connection.close();
  const ofSessions = offered.filter((name) => name !== "none" && name !== "publickey");
  assert.deepEqual([...new Set(ofSessions)], ["exec"]);
});
