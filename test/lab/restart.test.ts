import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ServiceRef } from "../../src/approval/intent.ts";
import { makeRestartHelper } from "../../src/remediate/harden/restart-helper.ts";
import { HELPER_PATH } from "../../src/remediate/restart-words.ts";
import type { ServiceReading } from "../../src/remediate/service-control.ts";
import { makeTestIntent } from "../remediate/make-test-intent.ts";
import { type BaseLayer, createBaseLayer, LOGIN } from "./base-layer.ts";
import { bootHost, type LabHost } from "./hosts.ts";
import { createNetwork, type LabNetwork } from "./network.ts";
import { labUnavailableBecause, missingPackages } from "./packages.ts";
import { openServiceClient, type ServiceClient } from "./service-client.ts";

const missing = (await labUnavailableBecause()) ?? (await missingPackages()).join(" ");
const skip = missing === "" ? false : `SKIPPED: no restart was proven on a real host: ${missing}`;
if (skip) process.stderr.write(`\n*** ${skip} ***\n\n`);

const unit = (more: string, service = "ExecStart=/bin/sleep infinity") =>
  `[Unit]\n${more}\n[Service]\n${service}\n`;
const at = (name: string) => `/etc/systemd/system/${name}`;
const IP = "10.77.0.20";

/** One machine with everything that makes a restart unwise. */
const HOST = {
  name: "app-1",
  ip: IP,
  units: ["nginx"],
  files: {
    [at("shop.service")]: unit("Description=the shop"),
    [at("worker.service")]: unit("PartOf=shop.service"),
    [at("flappy.service")]: unit("StartLimitBurst=3\nStartLimitIntervalSec=1h"),
    [at("loop.service")]: unit(
      "StartLimitBurst=3\nStartLimitIntervalSec=1h",
      "ExecStart=/bin/false\nRestart=always\nRestartSec=20ms",
    ),
    [at("slow.service")]: unit("", "Type=oneshot\nExecStart=/bin/sleep 600"),
    [at("needed.service")]: unit(""),
    [at("bound.service")]: unit(""),
    [at("whole.service")]: unit(""),
    [at("prior.service")]: unit(""),
    [at("caddy.service")]: unit("Requisite=prior.service\nAfter=prior.service"),
    [at("source.service")]: unit("PropagatesStopTo=nginx.service"),
    [at("middle.service")]: unit("Requires=bottom.service"),
    [at("bottom.service")]: unit(""),
    [at("stopped.service")]: unit(""),
    [at("ended.service")]: unit("", "ExecStart=/bin/true"),
    [at("fresh.service")]: unit(""),
    [at("precious.service")]: unit(""),
    [at("broken.service")]: unit("", "Type=simple"),
    [at("nginx.service.d/bonds.conf")]:
      "[Unit]\nRequires=needed.service middle.service\nBindsTo=bound.service\nPartOf=whole.service\n",
  },
  setup: `ln -s /usr/lib/systemd/system/nginx.service ${at("web.service")}
ln -s /dev/null ${at("locked.service")}`,
};
const STARTED = "shop worker flappy needed bound whole prior caddy source middle stopped ended precious";

let base: BaseLayer;
let network: LabNetwork;
let host: LabHost;
let client: ServiceClient;

const systemd = (name: string): ServiceRef => ({ manager: "systemd", unit: `${name}.service` });
const invocation = async (name: string) => (await host.sh(`systemctl show -P InvocationID ${name}`)).trim();

async function mustRead(name: string, options: { readonly resetBudget?: boolean } = {}) {
  const reading = await client.read(systemd(name), options);
  assert.equal(reading.kind, "read", JSON.stringify(reading));
  return reading as Extract<ServiceReading, { readonly kind: "read" }>;
}

before(
  async () => {
    if (skip) return;
    base = await createBaseLayer();
    network = await createNetwork(base.id);
    host = await bootHost(HOST, { base, network, peers: "" });
    await host.sh(`systemctl start ${STARTED}; systemctl stop stopped; systemctl start --no-block slow
for n in 1 2; do systemctl restart flappy; done
systemctl start loop; until systemctl is-failed -q loop; do sleep 0.05; done`);
    client = await openServiceClient(IP, { base, network });
  },
  { timeout: 60_000 },
);

after(async () => {
  if (skip) return;
  await client?.close();
  await host?.close();
  await network?.close();
  await base?.close();
});

test("without a right to restart, that is said before anybody is asked", { skip }, async () => {
  const reading = await client.read(systemd("shop"));
  assert.equal(reading.kind, "unreadable");
  assert.match(JSON.stringify(reading), /diag may not restart shop\.service.*diagnose502 harden/);
});

test("with one sudoers line a restart is done, and only once people's word fits what runs", {
  skip,
}, async () => {
  await host.sh(`printf '%s\\n' '${LOGIN} ALL=(root) NOPASSWD:NOSETENV: /usr/bin/systemctl restart -- shop.service' >/etc/sudoers.d/plain
chmod 440 /etc/sudoers.d/plain; visudo -cq`);
  const reading = await mustRead("shop");
  assert.deepEqual(reading.argv, ["sudo", "-n", "systemctl", "restart", "--", "shop.service"]);
  assert.deepEqual(reading.risk, { takesAlong: ["worker.service"], startsLeft: 4, resetsBudget: false });
  assert.equal(reading.helper, false);
  assert.equal(reading.state, "active (running)");
  assert.match(reading.hostKey, /^SHA256:/);
  assert.equal(reading.identity.invocation, await invocation("shop"));

  const intent = makeTestIntent(systemd("shop"), reading);
  const outcome = await client.restart(intent);
  assert.equal(outcome.kind, "done", JSON.stringify(outcome));
  assert.equal(outcome.kind === "done" && outcome.identity.invocation, await invocation("shop"));
  assert.notEqual(await invocation("shop"), reading.identity.invocation);

  const otherKey = await client.restart({ ...intent, hostKey: "SHA256:other" });
  assert.equal(otherKey.kind, "refused");
  const otherWords = await client.restart({
    ...intent,
    argv: ["sudo", "-n", "systemctl", "restart", "--", "ssh.service"],
  });
  assert.equal(otherWords.kind, "refused");
});

const REFUSED: readonly (readonly [name: string, why: RegExp])[] = [
  ["nginx", /proxy/],
  ["web", /web\.service is another name of nginx\.service, which is .*proxy/],
  ["ssh", /way into the host/],
  ["systemd-journald", /part of the system/],
  ["precious", /neverRestart/],
  ["locked", /masked/],
  ["nowhere", /there is no nowhere\.service/],
  ["broken", /cannot load/],
  ["slow", /activating/],
  ["stopped", /stopped on purpose/],
  ["loop", /all 3 starts of its limit are used up/],
  ["flappy", /all 3 starts of its limit are used up/],
  ["needed", /also restart nginx\.service, which is .*proxy/],
  ["bound", /also restart nginx\.service/],
  ["whole", /also restart nginx\.service/],
  ["prior", /also restart caddy\.service, which is .*proxy/],
  ["source", /also restart nginx\.service/],
  ["bottom", /also restart middle\.service, and with it nginx\.service/],
];

test("what a restart would harm, or could not help, is refused", { skip }, async (t) => {
  const rights = [...REFUSED.map(([name]) => name), "ended", "fresh"]
    .map((name) => `${LOGIN} ALL=(root) NOPASSWD: /usr/bin/systemctl restart -- ${name}.service`)
    .join("\n");
  await host.write("/etc/sudoers.d/many", `${rights}\n`);
  await host.sh("chmod 440 /etc/sudoers.d/many; visudo -cq");
  for (const [name, why] of REFUSED) {
    await t.test(name, async () => {
      const reading = await client.read(systemd(name));
      assert.equal(reading.kind, "refused", JSON.stringify(reading));
      if (reading.kind === "refused") assert.match(reading.why, why);
    });
  }
  await t.test("the site's own proxy, whatever it is called", async () => {
    const reading = await client.read(systemd("shop"), { proxyUnits: ["worker.service"] });
    assert.equal(reading.kind, "refused", JSON.stringify(reading));
  });
  await t.test("but not what ended by itself, or was never started", async () => {
    assert.equal((await mustRead("ended")).state, "inactive (dead)");
    assert.equal((await mustRead("fresh")).identity.invocation, "none");
  });
});

test("with the helper a key restarts once, can be asked about, and is forgotten", { skip }, async () => {
  await installHelper();
  const reading = await mustRead("shop");
  assert.equal(reading.helper, true);
  const intent = makeTestIntent(systemd("shop"), reading);
  const done = await client.restart(intent);
  assert.equal(done.kind, "done", JSON.stringify(done));
  const now = await invocation("shop");
  assert.notEqual(now, reading.identity.invocation);
  assert.deepEqual(await client.ask(intent), done);
  assert.deepEqual(await client.restart(intent), done);
  assert.equal(await invocation("shop"), now);

  assert.match(await host.sh("ls /run/diagnose502"), new RegExp(intent.key));
  await client.forget(intent);
  assert.doesNotMatch(await host.sh("ls /run/diagnose502"), new RegExp(intent.key));
  const late = await client.restart(intent);
  assert.equal(late.kind, "refused", JSON.stringify(late));
  assert.equal(await invocation("shop"), now);
});

test("a key that never arrived is taken when it is asked about, and a late command finds it used", {
  skip,
}, async () => {
  const reading = await mustRead("shop");
  const intent = makeTestIntent(systemd("shop"), reading);
  assert.equal((await client.ask(intent)).kind, "not-done");
  await client.forget(intent);
  assert.equal((await client.restart(intent)).kind, "not-done");
  assert.equal(await invocation("shop"), reading.identity.invocation);
});

test("a used-up start limit is reset where the site allows it, and the service lives", { skip }, async () => {
  const reading = await mustRead("flappy", { resetBudget: true });
  assert.deepEqual(reading.risk, { takesAlong: [], startsLeft: 0, resetsBudget: true });
  const outcome = await client.restart(makeTestIntent(systemd("flappy"), reading));
  assert.equal(outcome.kind, "done", JSON.stringify(outcome));
  assert.equal((await host.sh("systemctl is-active flappy")).trim(), "active");
});

test("the helper itself sees a limit that was used up after people were asked", { skip }, async () => {
  await host.sh("systemctl reset-failed flappy; systemctl restart flappy");
  const reading = await client.read(systemd("flappy"));
  assert.equal(reading.kind, "refused", JSON.stringify(reading));
  const generous = await mustRead("flappy", { resetBudget: true });
  const { argv, ...rest } = generous;
  const careful = { ...rest, argv: argv.slice(0, -1), risk: { ...rest.risk, resetsBudget: false } };
  const outcome = await client.restart(makeTestIntent(systemd("flappy"), careful));
  assert.equal(outcome.kind, "refused", JSON.stringify(outcome));
  assert.equal((await host.sh("systemctl is-active flappy")).trim(), "active");
});

async function installHelper(): Promise<void> {
  const services = ["shop", "flappy"].map((name) => ({
    service: systemd(name),
    mayResetBudget: name === "flappy",
  }));
  await host.write(HELPER_PATH, makeRestartHelper(services));
  await host.write("/etc/sudoers.d/helper", `${LOGIN} ALL=(root) NOPASSWD:NOSETENV: ${HELPER_PATH}\n`);
  await host.sh(
    `rm /etc/sudoers.d/plain; chmod 755 ${HELPER_PATH}; chmod 440 /etc/sudoers.d/helper; visudo -cq`,
  );
}
