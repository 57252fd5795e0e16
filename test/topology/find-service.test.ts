import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceOverride } from "../../src/intake/diagnosis-request.ts";
import type { ProbeResult } from "../../src/playbook/probe-result.ts";
import { renderAddress } from "../../src/topology/address.ts";
import { findService } from "../../src/topology/find-service.ts";
import { makeHostView } from "../../src/topology/host-view.ts";
import type { UpstreamAddress } from "../../src/topology/target.ts";
import { wantAddress } from "../../src/topology/wanted-address.ts";
import { interfaces, origin, playbooks, psLine, result, tcpLine, unitBlock, unixLine } from "./site.ts";

const OWN = { FragmentPath: "/etc/systemd/system/shop.service" };
const app: UpstreamAddress = { kind: "tcp", host: "10.0.0.2", port: 3000 };
const nodeProcess = psLine(900, 1, {
  unit: "shop.service",
  comm: "node",
  args: "/usr/bin/node /srv/shop/server.js",
});

function originHost(given: {
  readonly units?: readonly string[];
  readonly processes?: readonly string[];
  readonly tcp?: readonly string[];
  readonly unix?: readonly string[];
  readonly more?: readonly ProbeResult[];
}): ProbeResult[] {
  const { units = [], processes = [], tcp = [], unix = [], more = [] } = given;
  return [
    result("origin-1", "linux-host.addresses", interfaces("10.0.0.2")),
    result("origin-1", "linux-host.units", units.join("\n")),
    result("origin-1", "linux-host.processes", processes.join("\n")),
    result("origin-1", "linux-host.listeners", tcp.join("\n")),
    result("origin-1", "linux-host.unix-listeners", unix.join("\n")),
    ...more,
  ];
}

function find(results: readonly ProbeResult[], address: UpstreamAddress = app, override?: ServiceOverride) {
  const view = makeHostView(origin, { results, playbooks, utcOffsetMinutes: 0 });
  const { listening, owner, alternatives = [] } = findService(view, wantAddress(view, address), override);
  return {
    listening,
    owner: owner === undefined ? undefined : `${owner.name ?? "?"} by ${owner.by}`,
    playbook: owner?.playbook,
    alternatives: alternatives.map(
      ({ owner: other, listens }) => `${other.name ?? "?"} on ${listens.map(renderAddress).join(", ")}`,
    ),
    full: owner,
  };
}

test("the service is named from what it holds, declares, or is the only one to be", () => {
  const failed = { ...OWN, ActiveState: "failed", SubState: "failed" };
  const stopped = {
    ...OWN,
    ActiveState: "inactive",
    SubState: "dead",
    InactiveEnterTimestamp: "@1763608330",
  };
  const shop = (properties: Record<string, string>) => unitBlock("shop.service", properties);
  const other = (properties: Record<string, string>) =>
    unitBlock("other.service", { ...properties, FragmentPath: "/etc/systemd/system/other.service" });
  const environment = (port: string) =>
    result(
      "origin-1",
      "node-systemd.unit-environment",
      `# file /etc/systemd/system/shop.service\nEnvironment="PORT=${port}"\n`,
    );
  const cases = [
    {
      title: "it holds the socket",
      results: originHost({
        units: [shop(OWN)],
        processes: [nodeProcess],
        tcp: [tcpLine("*:3000", ["node", 900])],
      }),
      expected: ["yes", "shop.service by listener"],
    },
    {
      title: "we may not see whose the socket is, but its unit file says so",
      results: originHost({
        units: [shop(OWN)],
        processes: [nodeProcess],
        tcp: [tcpLine("*:3000")],
        more: [environment("3000")],
      }),
      expected: ["yes", "shop.service by declared"],
    },
    {
      title: "we may not see whose the socket is, and only one service can be meant",
      results: originHost({ units: [shop(OWN)], processes: [nodeProcess], tcp: [tcpLine("*:3000")] }),
      expected: ["yes", "shop.service by elimination"],
    },
    {
      title: "it is stopped, its command line names the port",
      results: originHost({
        units: [
          shop({
            ...stopped,
            ExecStart: "{ path=/srv/app ; argv[]=/srv/app --port 3000 ; ignore_errors=no ; }",
          }),
          other(failed),
        ],
      }),
      expected: ["no", "shop.service by declared"],
    },
    {
      title: "the only one that failed",
      results: originHost({ units: [shop(failed), other(OWN)] }),
      expected: ["no", "shop.service by elimination"],
    },
    {
      title: "two that failed are none",
      results: originHost({ units: [shop(failed), other(failed)] }),
      expected: ["no", undefined],
    },
    {
      title: "a failed one comes before a stopped one",
      results: originHost({ units: [shop(stopped), other(failed)] }),
      expected: ["no", "other.service by elimination"],
    },
    {
      title: "a oneshot job is no service",
      results: originHost({ units: [shop({ ...failed, Type: "oneshot" })] }),
      expected: ["no", undefined],
    },
    {
      title: "masking a unit of the system does not make it the administrator's",
      results: originHost({
        units: [shop(failed), other({ LoadState: "masked", ActiveState: "failed", UnitFileState: "masked" })],
      }),
      expected: ["no", "shop.service by elimination"],
    },
    {
      title: "one that declares another port is not the one",
      results: originHost({ units: [shop(failed)], more: [environment("4000")] }),
      expected: ["no", undefined],
    },
    {
      title: "a restarting one counts as failed",
      results: originHost({ units: [shop({ ...OWN, ActiveState: "activating", SubState: "auto-restart" })] }),
      expected: ["no", "shop.service by elimination"],
    },
  ];
  for (const { title, results, expected } of cases) {
    const { listening, owner } = find(results);
    assert.deepEqual([listening, owner], expected, title);
  }
});

test("a service that listens elsewhere is shown beside the address that is asked for", () => {
  const cases = [
    { listens: "127.0.0.1:3000", asked: app, expected: "shop.service on 127.0.0.1:3000" },
    { listens: "*:4000", asked: app, expected: "shop.service on *:4000" },
    {
      listens: "[::1]:3000",
      asked: { kind: "tcp", host: "127.0.0.1", port: 3000 } as const,
      expected: "shop.service on [::1]:3000",
    },
  ];
  for (const { listens, asked, expected } of cases) {
    const found = find(
      originHost({
        units: [unitBlock("shop.service", OWN)],
        processes: [nodeProcess],
        tcp: [tcpLine(listens, ["node", 900])],
      }),
      asked,
    );
    assert.deepEqual([found.listening, found.owner, found.alternatives], ["no", undefined, [expected]]);
  }
});

test("without a complete table of listeners, silence proves nothing", () => {
  const denied = result("origin-1", "linux-host.listeners", "", { outcome: { kind: "missing", what: "ss" } });
  assert.equal(find([denied]).listening, "unknown");
  const cut = {
    ...result("origin-1", "linux-host.listeners", tcpLine("*:22", ["sshd", 7])),
    truncated: true,
  };
  assert.equal(find([cut]).listening, "unknown");
});

test("an address the host does not have was translated on the way", () => {
  const results = originHost({ tcp: [tcpLine("10.0.0.2:3000", ["node", 900])], processes: [nodeProcess] });
  assert.equal(find(results, { kind: "tcp", host: "203.0.113.7", port: 3000 }).listening, "yes");
});

test("a socket systemd holds belongs to the service it starts", () => {
  const systemd = psLine(1, 0, { comm: "systemd", args: "/sbin/init" });
  for (const [triggers, service] of [
    ["api.service", "api.service"],
    // where systemd was not asked, it is the one of the same name
    ["", "shop.service"],
  ] as const) {
    const units = [
      unitBlock("shop.socket", {
        Triggers: triggers,
        Listen: "/run/shop.sock (Stream)",
        SubState: "listening",
      }),
      ...["shop.service", "api.service"].map((unit) =>
        unitBlock(unit, { ...OWN, ActiveState: "inactive", SubState: "dead" }),
      ),
    ];
    const found = find(
      originHost({ units, processes: [systemd], unix: [unixLine("/run/shop.sock", ["systemd", 1])] }),
      { kind: "unix", path: "/run/shop.sock" },
    );
    assert.deepEqual([found.listening, found.owner], ["yes", `${service} by declared`]);
  }
});

const POOL = `# file /etc/php/8.2/fpm/pool.d/www.conf
[www]
listen = /run/php/php8.2-fpm.sock
`;

test("a pool whose unit is disabled and not loaded is known, and known to be stopped", () => {
  const found = find(
    originHost({
      units: [unitBlock("cron.service")],
      more: [
        result("origin-1", "php-fpm.pools", POOL),
        result(
          "origin-1",
          "linux-host.unit-files",
          "cron.service enabled enabled\nphp8.2-fpm.service disabled enabled\n",
        ),
      ],
    }),
    { kind: "unix", path: "/run/php/php8.2-fpm.sock" },
  );
  assert.equal(found.owner, "php8.2-fpm.service by declared");
  assert.deepEqual(
    [found.full?.unit?.activeState, found.full?.unit?.unitFileState, found.full?.part],
    ["inactive", "disabled", "www"],
  );
});

test("a path that is a link leads to the pool behind it once it was looked at", () => {
  const results = originHost({
    units: [unitBlock("php8.2-fpm.service")],
    processes: [
      psLine(800, 1, { unit: "php8.2-fpm.service", comm: "php-fpm8.2", args: "php-fpm: master process (x)" }),
    ],
    unix: [unixLine("/run/php/php8.2-fpm.sock", ["php-fpm8.2", 800])],
    more: [result("origin-1", "php-fpm.pools", POOL)],
  });
  const link: UpstreamAddress = { kind: "unix", path: "/var/run/php/php-fpm.sock" };
  const before = find(results, link);
  assert.deepEqual([before.listening, before.owner], ["unknown", "php8.2-fpm.service by declared"]);
  const namei = `f: /var/run/php/php-fpm.sock
drwxr-xr-x root     root     /
drwxr-xr-x root     root     var
lrwxrwxrwx root     root     run -> /run
drwxr-xr-x root     root       /
drwxr-xr-x root     root       run
drwxr-xr-x www-data www-data php
lrwxrwxrwx root     root     php-fpm.sock -> /etc/alternatives/php-fpm.sock
drwxr-xr-x root     root       etc
lrwxrwxrwx root     root       php-fpm.sock -> /run/php/php8.2-fpm.sock
srw-rw---- www-data www-data     php8.2-fpm.sock
`;
  const looked = result("origin-1", "linux-host.upstream-socket", namei, {
    params: { path: link.path },
    round: 2,
  });
  const after = find([...results, looked], link);
  assert.deepEqual([after.listening, after.owner], ["yes", "php8.2-fpm.service by listener"]);
});

test("the operator's word decides where nothing else is known", () => {
  const units = [
    unitBlock("shop.service", { ...OWN, ActiveState: "failed" }),
    unitBlock("api.service", { ...OWN, ActiveState: "failed" }),
  ];
  const cases = [
    { override: { kind: "systemd", unit: "api.service" }, expected: "api.service by config" },
    { override: { kind: "systemd", unit: "ghost.service" }, expected: "ghost.service by config" },
    { override: { kind: "pm2", app: "shop" }, expected: "shop by config" },
    { override: { kind: "docker", container: "shop-1" }, expected: "shop-1 by config" },
  ] as const;
  for (const { override, expected } of cases) {
    assert.equal(find(originHost({ units }), app, override).owner, expected);
  }
});

test("an app that the operator names within another manager is not that manager's unit", () => {
  const units = [unitBlock("pm2-deploy.service", OWN)];
  const process = psLine(900, 1, { unit: "pm2-deploy.service", comm: "node", args: "node server.js" });
  const host = originHost({ units, processes: [process], tcp: [tcpLine("*:3000", ["node", 900])] });
  assert.equal(find(host, app, undefined).full?.unit?.unit, "pm2-deploy.service");
  const { full } = find(host, app, { kind: "pm2", app: "shop", user: "deploy" });
  assert.deepEqual([full?.manager, full?.name, full?.unit], ["pm2", "shop", undefined]);
  assert.equal(full?.processes[0]?.pid, 900);
});

test("a container's process leads to its container", () => {
  const id = "4f5c1c2b3a4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7";
  const process = psLine(900, 1, { unit: `docker-${id}.scope`, comm: "node", args: "node server.js" });
  const found = find(originHost({ processes: [process], tcp: [tcpLine("*:3000", ["node", 900])] }));
  assert.deepEqual([found.full?.manager, found.full?.name, found.playbook], ["docker", id, "node-systemd"]);
});
