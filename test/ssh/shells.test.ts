import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
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
