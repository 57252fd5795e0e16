import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Playbook, Probe } from "../../src/playbook/playbook.ts";
import type { Owner, ProxyHop, Target, UpstreamHop } from "../../src/topology/target.ts";
import { edge, makeRequest, origin } from "../topology/site.ts";

function probe(given: Partial<Probe> = {}): Probe {
  return {
    title: "a look",
    round: given.each === undefined || given.each === "host" ? 1 : 2,
    on: "any",
    each: "host",
    action: { kind: "run", argv: ["true"] },
    as: "self",
    timeoutMs: 5000,
    maxBytes: 1024,
    ...given,
  };
}

function playbook(id: string, role: Playbook["role"], probes: Playbook["probes"]): Playbook {
  return {
    id,
    title: id,
    role,
    detect: { comms: [], args: [], units: [], ports: [] },
    probes,
    signatures: [],
    pages: [],
    remediations: {},
    defaults: {},
  };
}

const generic = playbook("generic", "host", {
  disk: probe(),
  socket: probe({ each: "upstream-unix", action: { kind: "run", argv: ["namei", "{path}"] } }),
  connect: probe({ each: "upstream-tcp", action: { kind: "run", argv: ["nc", "{ip}", "{port}"] } }),
  resolve: probe({ each: "upstream-name", action: { kind: "run", argv: ["getent", "ahosts", "{name}"] } }),
  handshake: probe({ each: "upstream-tls", action: { kind: "run", argv: ["s_client", "{sni}"] } }),
  request: probe({
    each: "upstream-http",
    action: { kind: "run", argv: ["curl", "-w", "%{http_code}", "{scheme}://{authority}{path}"] },
  }),
  journal: probe({ each: "service-unit", action: { kind: "run", argv: ["journalctl", "-u", "{unit}"] } }),
  limits: probe({ each: "service-pid", action: { kind: "files", globs: ["/proc/{pid}/limits"] } }),
  firewall: probe({ round: 2 }),
});
const front = playbook("front", "proxy", {
  config: probe({ on: "proxy" }),
  "error-log": probe({
    each: "proxy-error-log",
    action: { kind: "log", path: "{path}", timestamps: "iso" },
  }),
});
const app = playbook("app", "upstream", {
  files: probe({ on: "upstream" }),
  log: probe({ each: "service-log", action: { kind: "log", path: "{path}", timestamps: "iso" } }),
});
const otherApp = playbook("other-app", "upstream", { log: probe({ each: "service-log" }) });
const playbooks = [generic, front, app, otherApp];

test("round 1 sends each host the looks of its role", () => {
  const cases = [
    {
      title: "one host is both",
      request: makeRequest(),
      expected: { "edge-1": ["generic.disk", "front.config", "app.files"] },
    },
    {
      title: "two hosts share the roles",
      request: makeRequest({ upstreams: [origin] }),
      expected: {
        "edge-1": ["generic.disk", "front.config"],
        "origin-1": ["generic.disk", "app.files"],
      },
    },
    {
      title: "a host named twice is asked once",
      request: makeRequest({ upstreams: [edge] }),
      expected: { "edge-1": ["generic.disk", "front.config", "app.files"] },
    },
  ];
  for (const { title, request, expected } of cases) {
    const { plans } = makePlan({ playbooks, request, round: 1 });
    const seen = Object.fromEntries(plans.map(({ host, looks }) => [host, looks.map(({ id }) => id)]));
    assert.deepEqual(seen, expected, title);
  }
});

function owner(given: Partial<Owner> = {}): Owner {
  return {
    playbook: "app",
    manager: "systemd",
    name: "shop.service",
    processes: [],
    by: "listener",
    declaredAddresses: [],
    logs: [{ kind: "file", path: "/var/log/shop/app.log" }],
    settings: {},
    ...given,
  };
}

function upstream(address: UpstreamHop["member"]["address"], given: Partial<UpstreamHop> = {}): UpstreamHop {
  return {
    member: { label: "m", address, backup: false, down: false },
    host: "origin-1",
    resolved: address.kind === "tcp" ? [address.host] : [],
    listening: "yes",
    owner: owner(),
    ...given,
  };
}

function target(
  upstreams: readonly UpstreamHop[],
  given: { readonly protocol?: "http" | "https" | "fastcgi" } = {},
): Target {
  const source = { file: "/etc/front.conf", line: 1 };
  const proxy: ProxyHop = {
    host: "edge-1",
    listening: "yes",
    upstreams,
    route: {
      playbook: "front",
      serverName: "shop.example.com",
      serverNames: ["shop.example.com"],
      byDefault: false,
      source,
      action: {
        kind: "pass",
        protocol: given.protocol ?? "http",
        members: upstreams.map(({ member }) => member),
        source,
      },
      errorLogs: [{ kind: "file", path: "/var/log/front/error.log" }],
      accessLogs: [],
      settings: {},
      notes: [],
    },
  };
  return { site: "shop", url: makeRequest().url, proxies: [proxy], dependencies: [], mismatches: [] };
}

function planTwo(of: Target, request = makeRequest({ upstreams: [origin] })) {
  const { plans, skipped } = makePlan({ playbooks, request, round: 2, target: of, windowSeconds: 900 });
  const looks = (host: string) => plans.find((plan) => plan.host === host)?.looks ?? [];
  return { looks, skipped };
}

test("round 2 looks at each thing of the target from the host that can see it", () => {
  const { looks, skipped } = planTwo(target([upstream({ kind: "tcp", host: "10.0.0.2", port: 8080 })]));
  const summary = (host: string) =>
    looks(host).map(({ id, params }) => [id, ...Object.values(params)].join(" "));
  assert.deepEqual(summary("edge-1"), [
    "front.error-log /var/log/front/error.log",
    "generic.connect 10.0.0.2 8080",
    "generic.request 10.0.0.2 8080 http shop.example.com /cart?id=1",
    "generic.firewall",
  ]);
  assert.deepEqual(summary("origin-1"), [
    "generic.journal shop.service",
    "app.log /var/log/shop/app.log",
    "generic.firewall",
  ]);
  assert.deepEqual(skipped, []);
});

test("parameters fill their places once and leave the program's own braces alone", () => {
  const { looks } = planTwo(target([upstream({ kind: "tcp", host: "10.0.0.2", port: 8080 })]));
  const request = looks("edge-1").find(({ probe }) => probe === "generic.request");
  assert.deepEqual(request?.action, {
    kind: "run",
    argv: ["curl", "-w", "%{http_code}", "http://shop.example.com/cart?id=1"],
  });
  const log = looks("edge-1").find(({ probe }) => probe === "front.error-log");
  assert.deepEqual(log?.action, {
    kind: "log",
    path: "/var/log/front/error.log",
    timestamps: "iso",
    windowSeconds: 900,
  });
});

test("two members make two looks of one kind, and the same look is not made twice", () => {
  const tcp = (host: string) => upstream({ kind: "tcp", host, port: 8080 });
  const { looks } = planTwo(target([tcp("10.0.0.2"), tcp("10.0.0.3"), tcp("10.0.0.2")]));
  const ids = looks("edge-1").map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id) => id.startsWith("generic.connect")),
    ["generic.connect", "generic.connect#2"],
  );
  assert.equal(looks("origin-1").filter(({ probe }) => probe === "generic.journal").length, 1);
});

test("a value that does not fit its type is never planned, and the reason is told", () => {
  const hostile = [
    upstream({ kind: "unix", path: "/run/app.sock; reboot" }),
    upstream({ kind: "unix", path: "/etc/../root/.ssh/id" }),
    upstream(
      { kind: "tcp", host: "10.0.0.2", port: 8080 },
      { owner: owner({ name: "-H evil.service", logs: [] }) },
    ),
    upstream({ kind: "tcp", host: "-oProxyCommand=x", port: 80 }, { resolved: [] }),
    upstream(
      { kind: "tcp", host: "10.0.0.4", port: 80 },
      {
        owner: owner({ name: "shop.service", logs: [{ kind: "file", path: "/home/diag/.ssh/id_ed25519" }] }),
      },
    ),
  ];
  const { looks, skipped } = planTwo(target(hostile));
  const words = JSON.stringify([looks("edge-1"), looks("origin-1")]);
  for (const text of ["reboot", "..", "evil", "ProxyCommand", ".ssh"]) assert.ok(!words.includes(text), text);
  assert.deepEqual(skipped.map(({ host, probe }) => `${host} ${probe}`).toSorted(), [
    "edge-1 generic.resolve",
    "edge-1 generic.socket",
    "edge-1 generic.socket",
    "origin-1 app.log",
    "origin-1 generic.journal",
  ]);
  assert.match(skipped[0]?.reason ?? "", /expected/);
});

test("TLS is tried with the name the proxy sends, else with the member's, else with the site's", () => {
  const cases = [
    { host: "app.internal", expected: "app.internal" },
    { host: "10.0.0.2", expected: "shop.example.com" },
  ];
  for (const { host, expected } of cases) {
    const hop = upstream({ kind: "tcp", host, port: 8443 }, { resolved: ["10.0.0.2"] });
    const look = planTwo(target([hop], { protocol: "https" }))
      .looks("edge-1")
      .find(({ probe }) => probe === "generic.handshake");
    assert.equal(look?.params.sni, expected);
  }
});

test("thirty members do not crowd out the logs; what falls off is reported", () => {
  const many = Array.from({ length: 30 }, (_, index) =>
    upstream({ kind: "tcp", host: `10.0.1.${index}`, port: 8080 }),
  );
  const { looks, skipped } = planTwo(target(many));
  assert.equal(looks("edge-1").length, 40);
  assert.equal(looks("edge-1")[0]?.id, "front.error-log");
  assert.ok(looks("edge-1").some(({ id }) => id === "generic.firewall"));
  assert.equal(skipped.length, 30 * 2 + 2 - 40);
});

test("a service's master and two of its workers are looked at, the master first", () => {
  const process = (pid: number, ppid: number) => ({
    pid,
    ppid,
    user: "shop",
    ageSeconds: 1,
    state: "S",
    rssKiB: 1,
    comm: "app",
    args: "app",
  });
  const processes = [process(12, 20), process(11, 20), process(20, 1), process(13, 20)];
  const hop = upstream({ kind: "tcp", host: "10.0.0.2", port: 8080 }, { owner: owner({ processes }) });
  const pids = planTwo(target([hop]))
    .looks("origin-1")
    .filter(({ probe }) => probe === "generic.limits")
    .map(({ params }) => params.pid);
  assert.deepEqual(pids, ["20", "11", "12"]);
});
