import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createShell } from "../../src/ssh/create-shell.ts";
import { NO_SECRETS } from "../fakes/no-secrets.ts";
import { accessTo, type FakeSshServer, startFakeSshServer } from "../fakes/ssh-server.ts";
import { makeKey, type RealSshd, startSshd, withoutSshd } from "./real-sshd.ts";
import { shellContract } from "./shell-contract.ts";

const directory = mkdtempSync(join(tmpdir(), "d502-shells-"));
const key = makeKey(join(directory, "id"));
const knownHosts = join(directory, "known_hosts");

let sshd: RealSshd | undefined;
let fake: FakeSshServer;

before(async () => {
  if (withoutSshd === false) sshd = await startSshd(["MaxSessions 4"]);
  else console.error(withoutSshd);
  fake = await startFakeSshServer("proper");
  writeFileSync(knownHosts, fake.knownHostsLine);
});

after(async () => {
  await sshd?.stop();
  await fake.close();
  rmSync(directory, { recursive: true, force: true });
});

const create = () => createShell({ ...NO_SECRETS, env: (name) => process.env[name] });

shellContract("this machine", () => ({ shell: create(), host: { name: "here", how: { kind: "local" } } }));
shellContract("a fake SSH server", () => ({
  shell: create(),
  host: accessTo(fake.port, { identityFiles: [key], knownHostsFiles: [knownHosts] }),
}));
shellContract(
  "a real sshd",
  () => {
    if (sshd === undefined) throw new Error("sshd was not started");
    return { shell: create(), host: sshd.access() };
  },
  { skip: withoutSshd },
);

test("a script on this machine is given none of our variables but those that a login has", async (t) => {
  process.env.DIAGNOSE502_TEST_TOKEN = "xoxb-planted";
  t.after(() => delete process.env.DIAGNOSE502_TEST_TOKEN);
  const shell = create();
  t.after(() => shell.close());
  const connected = await shell.connect({ name: "here", how: { kind: "local" } }, { timeoutMs: 5000 });
  assert.ok(connected.ok);
  let printed = "";
  const end = await connected.connection.runScript("env; exit\n", {
    deadlineMs: 20_000,
    maxBytes: 65_536,
    onBytes(chunk) {
      printed += chunk.toString();
      return false;
    },
  });
  assert.deepEqual(end, { kind: "closed", exitCode: 0 });
  const known = ["PATH", "HOME", "USER", "LOGNAME", "PWD", "OLDPWD", "SHLVL", "_"];
  const names = [...printed.matchAll(/^(\w+)=/gm)].map(([, name = ""]) => name);
  assert.ok(names.includes("PATH"));
  assert.deepEqual(
    names.filter((name) => !known.includes(name)),
    [],
  );
});
