import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeResult } from "../../src/playbook/probe-result.ts";
import { makeTarget } from "../../src/topology/make-target.ts";
import {
  interfaces,
  makeRequest,
  origin,
  playbooks,
  psLine,
  result,
  tcpLine,
  unitBlock,
  unixLine,
} from "./site.ts";

const FPM = "/run/php/php8.2-fpm.sock";

function nginxConfig(pass: string): string {
  return `# configuration file /etc/nginx/nginx.conf:
user www-data;
events {}
http {
  server {
    listen 443 ssl;
    server_name shop.example.com;
    error_log /var/log/nginx/shop.error.log;
    location / {
      ${pass}
    }
  }
}
`;
}

const nginxProcesses = [
  psLine(700, 1, { unit: "nginx.service", comm: "nginx", args: "nginx: master process /usr/sbin/nginx" }),
  psLine(701, 700, { unit: "nginx.service", user: "www-data", comm: "nginx", args: "nginx: worker process" }),
];
const nginxListener = tcpLine("0.0.0.0:443", ["nginx", 701], ["nginx", 700]);
const fpmFiles = `# file /etc/php/8.2/fpm/php-fpm.conf
[global]
error_log = /var/log/php8.2-fpm.log
# file /etc/php/8.2/fpm/pool.d/www.conf
[www]
user = www-data
listen = ${FPM}
pm = dynamic
pm.max_children = 7
request_terminate_timeout = 30s
`;

/** An edge host with nginx running. */
function edgeHost(options: {
  readonly pass: string;
  readonly units?: readonly string[];
  readonly processes?: readonly string[];
  readonly tcp?: readonly string[];
  readonly unix?: readonly string[];
  readonly more?: readonly ProbeResult[];
}): ProbeResult[] {
  const { pass, units = [], processes = [], tcp = [], unix = [], more = [] } = options;
  return [
    result("edge-1", "nginx.config", nginxConfig(pass)),
    result("edge-1", "linux-host.units", [unitBlock("nginx.service"), ...units].join("\n")),
    result("edge-1", "linux-host.processes", [...nginxProcesses, ...processes].join("\n")),
    result("edge-1", "linux-host.listeners", [nginxListener, ...tcp].join("\n")),
    result("edge-1", "linux-host.unix-listeners", unix.join("\n")),
    result("edge-1", "linux-host.addresses", interfaces("192.0.2.10", "10.0.0.1")),
    ...more,
  ];
}

function onlyUpstream(results: readonly ProbeResult[], request = makeRequest()) {
  const target = makeTarget({ request, results, visits: [], playbooks });
  const [proxy] = target.proxies;
  const [upstream] = proxy?.upstreams ?? [];
  assert.ok(upstream, proxy?.why ?? "no upstream");
  return { target, proxy, upstream };
}

test("a pool's socket leads to the unit, the pool and its limits", () => {
  const { proxy, upstream } = onlyUpstream(
    edgeHost({
      pass: `fastcgi_pass unix:${FPM};`,
      units: [unitBlock("php8.2-fpm.service")],
      processes: [
        psLine(800, 1, {
          unit: "php8.2-fpm.service",
          comm: "php-fpm8.2",
          args: "php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)",
        }),
        psLine(801, 800, { unit: "php8.2-fpm.service", comm: "php-fpm8.2", args: "php-fpm: pool www" }),
        psLine(802, 800, { unit: "php8.2-fpm.service", comm: "php-fpm8.2", args: "php-fpm: pool other" }),
      ],
      unix: [unixLine(FPM, ["php-fpm8.2", 801], ["php-fpm8.2", 800])],
      more: [result("edge-1", "php-fpm.pools", fpmFiles)],
    }),
  );
  assert.equal(proxy?.listening, "yes");
  assert.equal(proxy?.owner?.name, "nginx.service");
  assert.equal(upstream.listening, "yes");
  assert.equal(upstream.host, "edge-1");
  const { owner } = upstream;
  assert.deepEqual(
    {
      by: owner?.by,
      playbook: owner?.playbook,
      name: owner?.name,
      part: owner?.part,
      manager: owner?.manager,
    },
    { by: "listener", playbook: "php-fpm", name: "php8.2-fpm.service", part: "www", manager: "systemd" },
  );
  assert.deepEqual(
    owner?.processes.map(({ pid }) => pid),
    [800, 801],
  );
  assert.deepEqual(owner?.settings, { maxWorkers: 7, requestTimeoutMs: 30_000, backlog: 511 });
  assert.deepEqual(owner?.logs, [
    { kind: "file", path: "/var/log/php8.2-fpm.log" },
    { kind: "journal", unit: "php8.2-fpm.service" },
  ]);
});

test("a stopped pool is still known by the socket its configuration declares", () => {
  const { upstream } = onlyUpstream(
    edgeHost({
      pass: `fastcgi_pass unix:/var${FPM};`,
      units: [unitBlock("php8.2-fpm.service", { ActiveState: "failed", SubState: "failed" })],
      more: [result("edge-1", "php-fpm.pools", fpmFiles)],
    }),
  );
  assert.equal(upstream.listening, "no");
  assert.equal(upstream.owner?.by, "declared");
  assert.equal(upstream.owner?.unit?.activeState, "failed");
});

test("a service on the upstream host is found through the host's own addresses", () => {
  const { upstream } = onlyUpstream(
    [
      ...edgeHost({ pass: "proxy_pass http://10.0.0.2:8080;" }),
      result("origin-1", "linux-host.addresses", interfaces("192.0.2.20", "10.0.0.2")),
      result("origin-1", "linux-host.listeners", tcpLine("*:8080", ["shop", 900])),
      result(
        "origin-1",
        "linux-host.units",
        unitBlock("shop.service", { FragmentPath: "/etc/systemd/system/shop.service" }),
      ),
      result(
        "origin-1",
        "linux-host.processes",
        psLine(900, 1, { unit: "shop.service", comm: "shop", args: "/srv/shop/bin/shop" }),
      ),
    ],
    makeRequest({ upstreams: [origin] }),
  );
  assert.equal(upstream.host, "origin-1");
  assert.equal(upstream.listening, "yes");
  assert.equal(upstream.owner?.unit?.unit, "shop.service");
});
