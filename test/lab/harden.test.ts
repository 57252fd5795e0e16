import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { quoteWord } from "../../src/collect/quote-word.ts";
import { makeSudoersLine } from "../../src/collect/sudoers-line.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { listRootLooks } from "../../src/remediate/harden/root-looks.ts";
import { loadIncident } from "../../src/store/load-incident.ts";
import { makeTestIntent } from "../remediate/make-test-intent.ts";
import { type BaseLayer, createBaseLayer, LOGIN } from "./base-layer.ts";
import { mustRun, run } from "./command.ts";
import { ATTEMPTS } from "./harden-attempts.ts";
import { bootHost, type LabHost } from "./hosts.ts";
import { createNetwork, type LabNetwork } from "./network.ts";
import { labUnavailableBecause, missingPackages } from "./packages.ts";
import { openServiceClient, type ServiceClient } from "./service-client.ts";

const missing = (await labUnavailableBecause()) ?? (await missingPackages()).join(" ");
const skip = missing === "" ? false : `SKIPPED: no hardened host was attacked: ${missing}`;
if (skip) process.stderr.write(`\n*** ${skip} ***\n\n`);

const ROOT = join(import.meta.dirname, "../..");
const IP = "10.77.0.20";
const SERVICE = "[Service]\nExecStart=/bin/sleep infinity\n";
const SHOP = { manager: "systemd", unit: "shop.service" } as const;
const HOST = {
  name: "app-1",
  ip: IP,
  units: ["shop", "other", "nginx"],
  files: {
    "/etc/systemd/system/shop.service": `${SERVICE}[Install]\nWantedBy=multi-user.target\n`,
    "/etc/systemd/system/other.service": `${SERVICE}[Install]\nWantedBy=multi-user.target\n`,
  },
};

let base: BaseLayer;
let network: LabNetwork;
let host: LabHost;
let client: ServiceClient;

before(
  async () => {
    if (skip) return;
    base = await createBaseLayer();
    network = await createNetwork(base.id);
    host = await bootHost(HOST, { base, network, peers: "" });
    await harden();
    client = await openServiceClient(IP, { base, network });
  },
  { timeout: 60_000 },
);

/** Runs what `harden` prints on the host, and uses the key as it says. */
async function harden(...flags: readonly string[]): Promise<void> {
  const argv = [process.execPath, join(ROOT, "src/main.ts"), "harden", `${LOGIN}@${IP}`, "--service", "shop"];
  const script = await mustRun([...argv, "--key", `${base.identityFile}.pub`, ...flags]);
  await host.sh(script);
  const restricted = /^# (restrict.*)$/m.exec(script)?.[1] ?? "";
  await host.write(`/home/${LOGIN}/.ssh/authorized_keys`, `${restricted}\n`);
}

async function restartOnce(): Promise<void> {
  const reading = await client.read(SHOP);
  assert.ok(reading.kind === "read", JSON.stringify(reading));
  assert.equal(reading.helper, true);
  const intent = makeTestIntent(SHOP, reading);
  assert.equal((await client.restart(intent)).kind, "done");
  assert.equal((await client.ask(intent)).kind, "done");
  await client.forget(intent);
}

/** OpenSSH's own client, as whoever has stolen the key would use it. */
function ssh(flags: readonly string[], command: readonly string[]) {
  const knownHosts = join(base.directory, `known_hosts-${network.clientNamespace}`);
  const inClient = ["nsenter", `--net=/run/netns/${network.clientNamespace}`];
  const login = ["ssh", "-F", "none", "-i", base.identityFile, "-o", `UserKnownHostsFile=${knownHosts}`];
  const options = ["-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes"];
  return run([...inClient, ...login, ...options, ...flags, `${LOGIN}@${IP}`, ...command], {
    timeoutMs: 10_000,
  });
}

after(async () => {
  if (skip) return;
  await client?.close();
  await host?.close();
  await network?.close();
  await base?.close();
});

test("on a hardened host the bot can do all it needs", { skip }, async () => {
  await restartOnce();
  const looks = listRootLooks(await loadPlaybooks([{ path: join(ROOT, "playbooks"), origin: "shipped" }]));
  const asked = looks.map((argv) => {
    const words = argv.map(quoteWord).join(" ");
    return `if command -v ${quoteWord(argv[0] ?? "")} >/dev/null; then runuser -u ${LOGIN} -- sudo -n -l -- ${words} >/dev/null || echo ${quoteWord(argv.join(" "))}; fi`;
  });
  assert.equal(await host.sh(asked.join("\n")), "");
});

test("and nothing else: every other attempt fails, and leaves the host as it was", { skip }, async () => {
  assert.ok(ATTEMPTS.length >= 60);
  await host.sh("printf '#!/bin/sh\\ntouch /tmp/pwned\\n' >/tmp/evil.sh; chmod 755 /tmp/evil.sh");
  const state = () =>
    host.sh(`systemctl show -P InvocationID shop other nginx ssh
find /etc /usr/local /run/diagnose502 -type f -newer /tmp/evil.sh ! -name lock ! -path '/run/diagnose502/*' -print
nft list ruleset; ls /root; ls /tmp/pwned 2>&1 || true`);
  const earlier = await state();
  const script = ATTEMPTS.map(
    (attempt, n) =>
      `timeout 20 runuser -u ${LOGIN} -- sh -c ${quoteWord(attempt)} </dev/null >/dev/null 2>&1 && echo ${n}`,
  );
  const through = (await host.sh(`${script.join("\n")}\ntrue`)).trim().split("\n").filter(Boolean);
  assert.deepEqual(
    through.map((n) => ATTEMPTS[Number(n)]),
    [],
  );
  assert.equal(await state(), earlier);
});

test("a right that the diagnosis proposes is one that sudo takes, and lets exactly those words through", {
  skip,
}, async () => {
  const may = (argv: readonly string[]) =>
    host.sh(
      `runuser -u ${LOGIN} -- sudo -n -l -- ${argv.map(quoteWord).join(" ")} >/dev/null 2>&1 && echo yes || echo no`,
    );
  for (const sign of ["", ..."\\,:=* ?[]#!\"'()<>$&;|~@%{}`"]) {
    const argv = ["/usr/bin/tail", "-c", "65536", `/var/log/app${sign}1${sign}${sign}.log`];
    await host.write("/etc/sudoers.d/proposed", `${makeSudoersLine(LOGIN, argv)}\n`);
    assert.equal(await may(argv), "yes\n", sign);
    for (const other of ["/var/log/appx1xx.log", "/var/log/app1.log2", "/var/log/app", `${argv[3]} x`]) {
      assert.equal(await may([...argv.slice(0, 3), other]), "no\n", `${sign}: ${other}`);
    }
  }
  await host.sh("rm /etc/sudoers.d/proposed");
});

test("the key gives no terminal and forwards nothing", { skip }, async () => {
  assert.equal((await ssh([], ["true"])).exitCode, 0);
  assert.match((await ssh(["-tt"], ["tty"])).stderr, /PTY allocation request failed/);
  assert.notEqual((await ssh(["-R", "9999:127.0.0.1:22"], ["true"])).exitCode, 0);
  assert.notEqual((await ssh(["-W", "127.0.0.1:22"], [])).exitCode, 0);
  assert.notEqual((await ssh(["-A"], ["test", "-n", '"$SSH_AUTH_SOCK"'])).exitCode, 0);
});

test("on a locked host a whole diagnosis and a restart work, and the key starts nothing else", {
  skip,
}, async () => {
  await harden("--locked");
  await restartOnce();

  const saved = join(base.directory, "saved");
  const knownHosts = join(base.directory, `known_hosts-${network.clientNamespace}`);
  const argv = [
    process.execPath,
    join(ROOT, "src/main.ts"),
    "diagnose",
    `http://${IP}/`,
    "--proxy",
    `${LOGIN}@${IP}`,
  ];
  const inClient = ["nsenter", `--net=/run/netns/${network.clientNamespace}`];
  await run([...inClient, ...argv, "-i", base.identityFile, "--known-hosts", knownHosts, "--save", saved]);
  const { results } = await loadIncident(saved);
  assert.ok(results.length > 30);
  assert.deepEqual(
    results.filter(({ outcome }) => outcome.kind === "no-answer"),
    [],
  );

  for (const command of [
    [],
    ["id"],
    ["sh", "-s"],
    ["sudo", "-n", "-l"],
    ["cat", "/etc/passwd"],
    ["exec sh"],
  ]) {
    const { exitCode, stdout } = await ssh([], command);
    assert.deepEqual([exitCode, stdout], [126, ""], command.join(" "));
  }
  assert.notEqual((await ssh(["-s"], ["sftp"])).exitCode, 0);
  assert.notEqual((await ssh(["-R", "9999:127.0.0.1:22"], ["true"])).exitCode, 0);
});
