import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { createSshShell } from "../../src/ssh/ssh-shell.ts";
import { NO_SECRETS } from "../fakes/no-secrets.ts";
import { accessTo, startFakeSshServer, startTcpServer } from "../fakes/ssh-server.ts";
import { freePort, makeKey, type RealSshd, startSshd, withoutSshd } from "./real-sshd.ts";

const directory = mkdtempSync(join(tmpdir(), "d502-ssh-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const stranger = makeKey(join(directory, "stranger"));
const emptyKnownHosts = join(directory, "empty");
writeFileSync(emptyKnownHosts, "");

const shell = createSshShell(NO_SECRETS);
after(() => shell.close());

/** How a login ends: `ok`, the kind of failure, or the code of the error. */
async function login(host: HostAccess, timeoutMs = 15_000): Promise<string> {
  try {
    const outcome = await shell.connect(host, { timeoutMs });
    if (!outcome.ok) {
      assert.ok(
        outcome.failure.hint.length > 10 && outcome.failure.reason.includes("127.0.0.1"),
        "it says where and what next",
      );
      return outcome.failure.kind;
    }
    outcome.connection.close();
    return "ok";
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

async function runOn(host: HostAccess, command: string): Promise<{ output: string; end: string }> {
  const outcome = await shell.connect(host, { timeoutMs: 15_000 });
  assert.ok(outcome.ok, JSON.stringify(outcome));
  let output = "";
  const end = await outcome.connection.runScript(`main() {\n${command}\n}\nmain; exit\n`, {
    deadlineMs: 10_000,
    maxBytes: 1_000_000,
    onBytes: (chunk) => {
      output += chunk;
      return output.includes("ENOUGH");
    },
  });
  outcome.connection.close();
  return { output, end: end.kind };
}

describe("logging in to a real sshd", { skip: withoutSshd }, () => {
  let sshd: RealSshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd.stop());

  test("the key and the host key are right: we are in, at once signed", async () => {
    assert.equal(await login(sshd.access()), "ok");
    assert.ok(!sshd.log().includes("Postponed publickey"), "no question was asked before the signature");
  });

  test("every kind of our own key logs in", async () => {
    const rsa = makeKey(join(directory, "rsa"), "-t", "rsa", "-b", "2048", "-N", "");
    const ecdsa = makeKey(join(directory, "ecdsa"), "-t", "ecdsa", "-N", "");
    for (const path of [rsa, ecdsa]) {
      appendFileSync(join(sshd.directory, "authorized_keys"), readFileSync(`${path}.pub`));
      assert.equal(await login(sshd.access({ identityFiles: [path] })), "ok", path);
    }
  });

  test("the second key is tried when the first is refused", async () => {
    assert.equal(await login(sshd.access({ identityFiles: [stranger, sshd.keyFile] })), "ok");
  });

  test("a refused key is said to be refused", async () => {
    assert.equal(await login(sshd.access({ identityFiles: [stranger] })), "auth-refused");
  });

  test("nobody is let in as a user that does not exist", async () => {
    assert.equal(await login(sshd.access({ user: "no-such-user" })), "auth-refused");
  });

  test("the agent's key logs in, and a file we cannot open does not stop it", async (context) => {
    const socket = join(directory, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    context.after(() => agent.kill("SIGTERM"));
    await new Promise((resolve) => agent.stdout.once("data", resolve));
    execFileSync("ssh-add", ["-q", sshd.keyFile], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: "ignore",
    });
    assert.equal(await login(sshd.access({ identityFiles: [], agentSocket: socket })), "ok");
    const locked = makeKey(join(directory, "locked"), "-t", "ed25519", "-N", "secret");
    assert.equal(await login(sshd.access({ identityFiles: [locked], agentSocket: socket })), "ok");
    assert.equal(await login(sshd.access({ identityFiles: [locked] })), "KEY_PASSPHRASE");
  });

  test("with IdentitiesOnly the agent signs with the configured keys alone, found by their public half", async (context) => {
    const socket = join(directory, "agent-only");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    context.after(() => agent.kill("SIGTERM"));
    await new Promise((resolve) => agent.stdout.once("data", resolve));
    execFileSync("ssh-add", ["-q", sshd.keyFile], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: "ignore",
    });
    const loginWith = (identityFiles: readonly string[]) =>
      login(sshd.access({ identityFiles, agentSocket: socket, identitiesOnly: true }));
    // the private half is in the agent only
    const publicOnly = join(directory, "public-only");
    writeFileSync(`${publicOnly}.pub`, readFileSync(`${sshd.keyFile}.pub`));
    assert.equal(await loginWith([publicOnly]), "ok");
    assert.equal(await loginWith([stranger]), "auth-refused");
    assert.equal(await loginWith([]), "KEY_UNUSABLE");
  });

  test("an agent that is gone is an authentication that is refused", async () => {
    assert.equal(
      await login(sshd.access({ identityFiles: [], agentSocket: "/nonexistent" })),
      "auth-refused",
    );
  });

  test("without any key, that is said before anything is sent", async () => {
    assert.equal(await login(sshd.access({ identityFiles: [] })), "KEY_UNUSABLE");
  });

  test("an unknown, a changed and a revoked host key stop the login, each by its name", async () => {
    const line = readFileSync(sshd.knownHostsFile, "utf8");
    const changed = join(directory, "changed");
    const other = readFileSync(`${stranger}.pub`, "utf8");
    writeFileSync(changed, `[127.0.0.1]:${sshd.port} ${other}`);
    const revoked = join(directory, "revoked");
    writeFileSync(revoked, `${line}@revoked * ${line.split(" ").slice(1).join(" ")}`);
    assert.equal(
      await login(sshd.access({ knownHostsFiles: [emptyKnownHosts, "/nonexistent"] })),
      "HOST_KEY_UNKNOWN",
    );
    assert.equal(await login(sshd.access({ knownHostsFiles: [changed] })), "HOST_KEY_CHANGED");
    assert.equal(
      await login(sshd.access({ knownHostsFiles: [sshd.knownHostsFile, revoked] })),
      "HOST_KEY_REVOKED",
    );
    assert.ok(
      !sshd
        .log()
        .split("\n")
        .slice(-3)
        .some((text) => text.startsWith("Accepted")),
      "no login was even tried",
    );
  });

  test("a known_hosts file that cannot be read stops: it might revoke the key", async () => {
    const inAFile = [sshd.knownHostsFile, join(sshd.knownHostsFile, "x")];
    assert.equal(await login(sshd.access({ knownHostsFiles: inAFile })), "KNOWN_HOSTS_UNREADABLE");
    const inADirectory = [sshd.knownHostsFile, directory];
    assert.equal(await login(sshd.access({ knownHostsFiles: inADirectory })), "CONFIG_INVALID");
  });

  test("a known_hosts file that others can write vouches for nobody; /dev/null is none at all", async () => {
    const everybodys = join(directory, "everybodys");
    copyFileSync(sshd.knownHostsFile, everybodys);
    chmodSync(everybodys, 0o646);
    assert.equal(await login(sshd.access({ knownHostsFiles: [everybodys] })), "CONFIG_INVALID");
    assert.equal(await login(sshd.access({ knownHostsFiles: ["/dev/null", sshd.knownHostsFile] })), "ok");
  });

  test("a pinned fingerprint is enough, and another one stops", async () => {
    const blob = readFileSync(sshd.knownHostsFile, "utf8").split(" ")[2] ?? "";
    const pin = `SHA256:${createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64").replace("=", "")}`;
    assert.equal(await login(sshd.access({ knownHostsFiles: [], hostKey: pin })), "ok");
    assert.equal(
      await login(sshd.access({ knownHostsFiles: [], hostKey: pin.replace(/.$/, "!") })),
      "HOST_KEY_CHANGED",
    );
    assert.equal(await login(sshd.access({ hostKey: pin.replace(/.$/, "!") })), "HOST_KEY_CONTRADICTION");
  });

  test("through a jump host both host keys are checked, and the far one does the looking", async () => {
    const jump = { ...sshd.access(), name: "jump" };
    const far = await startSshd();
    try {
      assert.equal((await runOn(far.access({ jump }), "echo $SSH_CONNECTION; echo ENOUGH")).end, "closed");
      const blind = sshd.access({ knownHostsFiles: [emptyKnownHosts] });
      assert.equal(await login(far.access({ jump: blind })), "HOST_KEY_UNKNOWN");
      assert.equal(await login(far.access({ jump, knownHostsFiles: [emptyKnownHosts] })), "HOST_KEY_UNKNOWN");
      assert.equal(
        await login(far.access({ jump: sshd.access({ identityFiles: [stranger] }) })),
        "auth-refused",
      );
      assert.equal(await login(far.access({ jump, port: await freePort() })), "refused");
    } finally {
      await far.stop();
    }
  });

  test("a server that goes away in the middle is a loss, not an error", async () => {
    const doomed = await startSshd();
    const outcome = await shell.connect(doomed.access(), { timeoutMs: 15_000 });
    assert.ok(outcome.ok);
    const end = await outcome.connection.runScript("main() { echo $PPID; sleep 1000; }; main; exit\n", {
      deadlineMs: 10_000,
      maxBytes: 1000,
      onBytes: (chunk) => {
        process.kill(Number(chunk.toString().trim()), "SIGKILL");
        return false;
      },
    });
    assert.equal(end.kind, "lost");
    const again = await outcome.connection.runScript("echo hi\n", {
      deadlineMs: 5000,
      maxBytes: 1000,
      onBytes: () => false,
    });
    assert.equal(again.kind, "lost");
    await doomed.stop();
  });
});

describe("real servers with habits", { skip: withoutSshd }, () => {
  const HABITS: readonly (readonly [what: string, settings: readonly string[]])[] = [
    ["a banner", ["Banner /etc/passwd"]],
    [
      "a login script that prints to both outputs",
      [`ForceCommand sh -c 'echo noise; printf more; echo bad >&2; eval "$SSH_ORIGINAL_COMMAND"'`],
    ],
    ["one session at a time", ["MaxSessions 1"]],
    ["a host key of type ECDSA only, beside one it no longer has", []],
  ];
  for (const [what, settings] of HABITS) {
    test(`a server with ${what} is read all the same`, async () => {
      const hostKey = join(directory, `ecdsa-host-${what.length}`);
      const ecdsa = what.includes("ECDSA");
      if (ecdsa) makeKey(hostKey, "-t", "ecdsa", "-N", "");
      const server = await startSshd(ecdsa ? [`HostKey ${hostKey}`] : settings);
      try {
        const line = ecdsa ? `[127.0.0.1]:${server.port} ${readFileSync(`${hostKey}.pub`, "utf8")}` : "";
        appendFileSync(server.knownHostsFile, line);
        const { output, end } = await runOn(server.access(), "echo hello; echo ENOUGH");
        assert.match(output, /hello\nENOUGH\n$/);
        assert.equal(end, "closed");
      } finally {
        await server.stop();
      }
    });
  }

  const WEAK: readonly (readonly [what: string, settings: readonly string[]])[] = [
    ["SHA-1 key exchange", ["KexAlgorithms diffie-hellman-group14-sha1"]],
    ["group exchange", ["KexAlgorithms diffie-hellman-group-exchange-sha256"]],
    ["CBC ciphers", ["Ciphers aes128-cbc"]],
  ];
  for (const [what, settings] of WEAK) {
    test(`a server that offers only ${what} is refused as such`, async () => {
      const server = await startSshd(settings);
      try {
        assert.equal(await login(server.access()), "no-common-algorithm");
      } finally {
        await server.stop();
      }
    });
  }
});

describe("what is no SSH server, or a hostile one", () => {
  const identity = { identityFiles: [stranger], knownHostsFiles: [emptyKnownHosts] };

  test("a port where nobody listens refuses", async () => {
    assert.equal(await login(accessTo(await freePort(), identity)), "refused");
  });

  test("a name that does not exist does not resolve", async () => {
    const access = accessTo(22, identity);
    const how = { ...access.how, address: "127.0.0.1.invalid" };
    assert.equal(await login({ ...access, how }), "unresolved");
  });

  test("a server that says nothing times out", async () => {
    const silent = await startTcpServer(() => undefined);
    assert.equal(await login(accessTo(silent.port, identity), 200), "timed-out");
    await silent.close();
  });

  test("a server that hangs up closed early", async () => {
    const rude = await startTcpServer((socket) => socket.end());
    assert.equal(await login(accessTo(rude.port, identity)), "closed-early");
    await rude.close();
  });

  test("a web server is no SSH server", async () => {
    const web = await startTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert.equal(await login(accessTo(web.port, identity)), "closed-early");
    await web.close();
  });

  test("a banner without end is cut short", async () => {
    const endless = await startTcpServer((socket) => {
      const more = () => {
        while (socket.writable && socket.write(`${"x".repeat(1000)}\r\n`));
      };
      socket.on("drain", more);
      more();
    });
    assert.equal(await login(accessTo(endless.port, identity)), "closed-early");
    await endless.close();
  });

  test("an abort ends the attempt", async () => {
    const silent = await startTcpServer(() => undefined);
    const outcome = await shell.connect(accessTo(silent.port, identity), {
      timeoutMs: 15_000,
      signal: AbortSignal.abort(),
    });
    assert.equal(outcome.ok, false);
    await silent.close();
  });

  test("many silent servers hold up nobody: who comes after them is answered while they still wait", async (context) => {
    const silent = await startTcpServer(() => undefined);
    const rude = await startTcpServer((socket) => socket.end());
    const good = await startFakeSshServer("proper");
    context.after(() => Promise.all([silent.close(), rude.close(), good.close()]));
    const knownHosts = join(directory, "good");
    writeFileSync(knownHosts, good.knownHostsLine);
    const stop = new AbortController();
    const waiting = Array.from({ length: 24 }, () =>
      shell.connect(accessTo(silent.port, identity), { timeoutMs: 600_000, signal: stop.signal }),
    );
    assert.deepEqual(
      await Promise.all([
        login(accessTo(good.port, { ...identity, knownHostsFiles: [knownHosts] })),
        login(accessTo(rude.port, identity)),
      ]),
      ["ok", "closed-early"],
    );
    stop.abort();
    const ends = (await Promise.all(waiting)).map((end) => (end.ok ? "ok" : end.failure.kind));
    assert.deepEqual(new Set(ends), new Set(["timed-out"]));
  });

  const ENDS = [
    ["never-closes", "deadline"],
    ["drips", "deadline"],
    ["floods", "too-much-output"],
    ["overruns-its-window", "too-much-output"],
    ["refuses-channels", "lost"],
    ["hangs-up", "lost"],
    ["no-exit-status", "closed"],
  ] as const;
  for (const [conduct, end] of ENDS) {
    test(`a server that ${conduct.replaceAll("-", " ")} ends a script as ${end}, never as success`, async () => {
      const server = await startFakeSshServer(conduct);
      const knownHosts = join(directory, conduct);
      writeFileSync(knownHosts, server.knownHostsLine);
      const outcome = await shell.connect(
        accessTo(server.port, { ...identity, knownHostsFiles: [knownHosts] }),
        {
          timeoutMs: 15_000,
        },
      );
      assert.ok(outcome.ok, JSON.stringify(outcome));
      const ended = await outcome.connection.runScript("exit 0\n", {
        deadlineMs: end === "deadline" ? 300 : 10_000,
        maxBytes: 100_000,
        onBytes: () => false,
      });
      assert.equal(ended.kind, end);
      if (ended.kind === "closed") assert.equal(ended.exitCode, null, "no exit status is not status 0");
      outcome.connection.close();
      await server.close();
    });
  }

  test("a server that takes packets of no size cannot make us spin for ever", async () => {
    const server = await startFakeSshServer("never-closes", { packetSize: 0 });
    const knownHosts = join(directory, "zero");
    writeFileSync(knownHosts, server.knownHostsLine);
    const host = accessTo(server.port, { ...identity, knownHostsFiles: [knownHosts] });
    const outcome = await shell.connect(host, { timeoutMs: 15_000 });
    assert.ok(outcome.ok);
    const limits = { deadlineMs: 10_000, maxBytes: 1000, onBytes: () => false };
    assert.equal((await outcome.connection.runScript("echo\n", limits)).kind, "lost");
    outcome.connection.close();
    await server.close();
  });

  test("a server with only ssh-rsa signatures is refused as such", async () => {
    const server = await startFakeSshServer("proper", {
      hostKeyType: "rsa",
      algorithms: { serverHostKey: ["ssh-rsa"] },
    });
    assert.equal(await login(accessTo(server.port, identity)), "no-common-algorithm");
    await server.close();
  });
});
