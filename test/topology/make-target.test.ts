import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ProbeResult } from "../../src/playbook/probe-result.ts";
import { makeTarget } from "../../src/topology/make-target.ts";
import {
  interfaces,
  makeRequest,
  origin,
  playbooks,
  psLine,
  result,
  sshHost,
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

/** nginx on an origin host, passing on what comes to port 8080. */
function innerNginx(options: { readonly runs: boolean }): ProbeResult[] {
  const config = nginxConfig("fastcgi_pass unix:/run/php/php8.2-fpm.sock;").replace(
    "listen 443 ssl",
    "listen 8080",
  );
  const state = options.runs ? {} : { ActiveState: "failed", SubState: "failed" };
  return [
    result("origin-1", "nginx.config", config),
    result("origin-1", "linux-host.addresses", interfaces("10.0.0.2")),
    result("origin-1", "linux-host.units", unitBlock("nginx.service", state)),
    result("origin-1", "linux-host.processes", options.runs ? nginxProcesses.join("\n") : ""),
    result(
      "origin-1",
      "linux-host.listeners",
      options.runs ? tcpLine("0.0.0.0:8080", ["nginx", 700], ["nginx", 701]) : "",
    ),
    result("origin-1", "linux-host.unix-listeners", unixLine(FPM)),
  ];
}

test("a proxy behind a proxy is followed to the application, whether it runs or not", () => {
  for (const runs of [true, false]) {
    const { upstream } = onlyUpstream(
      [...edgeHost({ pass: "proxy_pass http://10.0.0.2:8080;" }), ...innerNginx({ runs })],
      makeRequest({ upstreams: [origin] }),
    );
    assert.equal(upstream.listening, runs ? "yes" : "no");
    assert.equal(upstream.owner?.playbook, "nginx");
    assert.equal(upstream.proxy?.host, "origin-1");
    assert.equal(upstream.proxy?.listening, runs ? "yes" : "no");
    const [inner] = upstream.proxy?.upstreams ?? [];
    assert.deepEqual(inner?.member.address, { kind: "unix", path: FPM });
    assert.equal(inner?.host, "origin-1");
  }
});

test("of two proxies on a host the one in front comes first, also when we may not see whose the sockets are", () => {
  const balancer = `# file /etc/haproxy/haproxy.cfg
frontend web
    bind :443
    default_backend app
backend app
    server a 127.0.0.1:8080
`;
  const web = nginxConfig(`fastcgi_pass unix:${FPM};`).replace("listen 443 ssl", "listen 8080");
  for (const isSeen of [true, false]) {
    for (const isRunning of [true, false]) {
      const holder = (name: string, pid: number) => (isSeen ? ([[name, pid]] as const) : []);
      const { proxy, upstream } = onlyUpstream([
        result("edge-1", "haproxy.config-files", balancer),
        result("edge-1", "nginx.config", web),
        result(
          "edge-1",
          "linux-host.units",
          [
            unitBlock("haproxy.service"),
            unitBlock("nginx.service", isRunning ? {} : { ActiveState: "failed", SubState: "failed" }),
          ].join("\n"),
        ),
        result(
          "edge-1",
          "linux-host.processes",
          [
            psLine(1000, 1, { unit: "haproxy.service", comm: "haproxy", args: "/usr/sbin/haproxy -Ws" }),
            ...(isRunning ? nginxProcesses : []),
          ].join("\n"),
        ),
        result(
          "edge-1",
          "linux-host.listeners",
          [
            tcpLine("0.0.0.0:443", ...holder("haproxy", 1000)),
            ...(isRunning ? [tcpLine("0.0.0.0:8080", ...holder("nginx", 700))] : []),
          ].join("\n"),
        ),
      ]);
      assert.deepEqual(
        [proxy?.route?.playbook, upstream.listening, upstream.proxy?.route?.playbook],
        ["haproxy", isRunning ? "yes" : "no", "nginx"],
      );
    }
  }
});

test("who holds the port is the proxy though its configuration cannot be known, not a stopped one that names the site", () => {
  const results = [
    result("edge-1", "nginx.config", nginxConfig("proxy_pass http://127.0.0.1:3000;")),
    result("edge-1", "haproxy.config-files", "", { outcome: { kind: "denied", need: "cat" } }),
    result(
      "edge-1",
      "linux-host.units",
      [unitBlock("haproxy.service"), unitBlock("nginx.service", { ActiveState: "inactive" })].join("\n"),
    ),
    result(
      "edge-1",
      "linux-host.processes",
      psLine(1000, 1, { unit: "haproxy.service", comm: "haproxy", args: "/usr/sbin/haproxy -Ws" }),
    ),
    result("edge-1", "linux-host.listeners", tcpLine("0.0.0.0:443", ["haproxy", 1000])),
  ];
  const [proxy] = makeTarget({ request: makeRequest(), results, visits: [], playbooks }).proxies;
  assert.equal(proxy?.owner?.playbook, "haproxy");
  assert.equal(proxy?.listening, "yes");
  assert.equal(proxy?.route, null);
});

test("proxies that pass to each other end", () => {
  const back = nginxConfig("proxy_pass https://192.0.2.10:443;").replace("listen 443 ssl", "listen 8080");
  const results = [
    ...edgeHost({ pass: "proxy_pass http://10.0.0.2:8080;" }),
    ...innerNginx({ runs: true }).filter(({ probe }) => probe !== "nginx.config"),
    result("origin-1", "nginx.config", back),
  ];
  const { upstream } = onlyUpstream(results, makeRequest({ upstreams: [origin] }));
  const [again] = upstream.proxy?.upstreams ?? [];
  assert.equal(again?.host, "edge-1");
  assert.equal(again?.proxy, undefined);
});

test("a stopped proxy is a proxy that does not listen", () => {
  const results = [
    result("edge-1", "nginx.config", nginxConfig("proxy_pass http://127.0.0.1:3000;")),
    result(
      "edge-1",
      "linux-host.units",
      unitBlock("nginx.service", { ActiveState: "failed", SubState: "failed" }),
    ),
    result("edge-1", "linux-host.listeners", tcpLine("*:22", ["sshd", 9])),
  ];
  const { proxy } = onlyUpstream(results);
  assert.equal(proxy?.listening, "no");
  assert.equal(proxy?.owner?.unit?.activeState, "failed");
  assert.equal(proxy?.route?.serverName, "shop.example.com");
});

test("a host that told nothing is a proxy without a route, and says why", () => {
  const [proxy] = makeTarget({ request: makeRequest(), results: [], visits: [], playbooks }).proxies;
  assert.deepEqual(proxy, {
    host: "edge-1",
    route: null,
    why: "the host could not be looked at",
    listening: "unknown",
    upstreams: [],
  });
});

test("names lead to hosts by the hosts file, by the resolver's answer, or to the only one given", () => {
  const hostsFile = result(
    "edge-1",
    "linux-host.resolver",
    "# file /etc/hosts\n127.0.0.1 localhost\n10.0.0.2 app.internal app # the shop\n",
  );
  const answer = result("edge-1", "linux-host.upstream-name", "10.0.0.2       STREAM app.internal\n", {
    params: { name: "app.internal" },
    round: 2,
  });
  const originResults = [
    result("origin-1", "linux-host.addresses", interfaces("10.0.0.2")),
    result("origin-1", "linux-host.listeners", tcpLine("0.0.0.0:8080")),
  ];
  const cases = [
    { more: [hostsFile], resolved: ["10.0.0.2"] },
    { more: [answer], resolved: ["10.0.0.2"] },
    { more: [], resolved: [] },
  ];
  for (const { more, resolved } of cases) {
    const { upstream } = onlyUpstream(
      [...edgeHost({ pass: "proxy_pass http://app.internal:8080;" }), ...originResults, ...more],
      makeRequest({ upstreams: [origin] }),
    );
    assert.deepEqual([upstream.host, upstream.resolved, upstream.listening], ["origin-1", resolved, "yes"]);
  }
});

test("an address that several hosts have leads to none of them, one's own leads home", () => {
  const bridge = "172.17.0.1";
  const second = sshHost("origin-2", "192.0.2.21");
  const others = ["origin-1", "origin-2"].map((host) =>
    result(host, "linux-host.addresses", interfaces("10.0.0.2", bridge)),
  );
  const request = makeRequest({ upstreams: [origin, second] });
  const away = onlyUpstream([...edgeHost({ pass: `proxy_pass http://${bridge}:3000;` }), ...others], request);
  assert.equal(away.upstream.host, undefined);
  const home = result("edge-1", "linux-host.addresses", interfaces("10.0.0.1", bridge));
  const results = edgeHost({ pass: `proxy_pass http://${bridge}:3000;` }).filter(
    ({ probe }) => probe !== "linux-host.addresses",
  );
  assert.equal(onlyUpstream([...results, ...others, home], request).upstream.host, "edge-1");
});

test("what the operator says and what is live are compared", () => {
  const live = edgeHost({
    pass: "proxy_pass http://127.0.0.1:3000;",
    units: [unitBlock("shop.service", { FragmentPath: "/etc/systemd/system/shop.service" })],
    processes: [psLine(900, 1, { unit: "shop.service", comm: "node", args: "node server.js" })],
    tcp: [tcpLine("127.0.0.1:3000", ["node", 900])],
  });
  const cases = [
    { request: makeRequest(), expected: [] },
    { request: makeRequest({ service: { kind: "systemd", unit: "shop.service" } }), expected: [] },
    {
      request: makeRequest({ service: { kind: "systemd", unit: "api.service" } }),
      expected: ["api.service is given as the service, but shop.service listens on 127.0.0.1:3000."],
    },
    {
      request: makeRequest({ upstreams: [origin] }),
      expected: [
        "origin-1 is given as upstream, but edge-1 sends requests to 127.0.0.1:3000, which is not on it.",
      ],
    },
  ];
  for (const { request, expected } of cases) {
    const { mismatches } = makeTarget({ request, results: live, visits: [], playbooks });
    assert.deepEqual(mismatches, expected);
  }
});

test("databases are found where the operator says, where connections lead, and on the hosts we see", () => {
  const database = [
    unitBlock("mariadb.service", { Names: "mariadb.service mysql.service mysqld.service" }),
    unitBlock("postgresql.service", {
      Type: "oneshot",
      SubState: "exited",
      ExecStart: "{ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no ; }",
    }),
    unitBlock("redis-server.service", { ActiveState: "inactive", UnitFileState: "disabled" }),
  ];
  const results = edgeHost({
    pass: "proxy_pass http://127.0.0.1:3000;",
    units: database,
    processes: [psLine(600, 1, { unit: "mariadb.service", comm: "mariadbd", args: "/usr/sbin/mariadbd" })],
    tcp: [tcpLine("127.0.0.1:3306", ["mariadbd", 600])],
    more: [
      result(
        "edge-1",
        "mariadb.config-files",
        "# file /etc/mysql/my.cnf\nlog_error = /var/log/mysql/error.log\n",
      ),
      result(
        "edge-1",
        "linux-host.dependency-sockets",
        `ESTAB    0 0 127.0.0.1:40000 127.0.0.1:3306 users:(("node",pid=900,fd=20))
SYN-SENT 0 1 10.0.0.1:40002  10.0.0.9:5432  users:(("node",pid=900,fd=21))`,
      ),
    ],
  });
  const request = makeRequest({ dependencies: [{ kind: "redis", host: "cache-1" }] });
  const { dependencies } = makeTarget({ request, results, visits: [], playbooks });
  assert.deepEqual(
    dependencies.map(({ playbook, host, by, listening, owner }) => [
      playbook,
      host,
      by,
      listening,
      owner?.name,
    ]),
    [
      ["redis", "cache-1", "config", "unknown", undefined],
      ["mariadb", "edge-1", "sockets", "yes", "mariadb.service"],
      ["postgresql", "10.0.0.9", "sockets", "unknown", undefined],
    ],
  );
  assert.deepEqual(dependencies[1]?.owner?.logs[0], { kind: "file", path: "/var/log/mysql/error.log" });
});

test("no output of a host makes it throw", () => {
  const probes = [
    "linux-host.units",
    "linux-host.processes",
    "linux-host.listeners",
    "linux-host.unix-listeners",
    "linux-host.addresses",
    "linux-host.resolver",
    "linux-host.unit-files",
    "linux-host.dependency-sockets",
    "php-fpm.pools",
    "gunicorn.unit-environment",
    "uwsgi.apps",
    "tomcat.server-xml",
    "mariadb.config-files",
    "postgresql.config-files",
    "redis.config-files",
    "node-systemd.unit-environment",
  ];
  const piece = fc.constantFrom(
    "# file /etc/php/8.2/fpm/pool.d/www.conf\n",
    "# file /etc/tomcat10/server.xml\n",
    "# file /etc/systemd/system/a.service\n",
    "# file /etc/uwsgi/apps-enabled/a.ini\n",
    "# file /etc/postgresql/15/main/postgresql.conf\n",
    "# file /etc/redis/redis.conf\n",
    '<Connector port="8080" ',
    "<!--",
    "Environment=PORT=3000\n",
    "[www]\n",
    "listen = $pool\n",
    "bind 'x \"\n",
    "Id=gunicorn.service\nExecStart={ argv[]=gunicorn -b ",
    "\n\n",
    "=",
    "unix:",
    "'",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.array(text, { minLength: probes.length, maxLength: probes.length }), (outputs) => {
      const results = probes.map((probe, index) => result("edge-1", probe, outputs[index] ?? ""));
      makeTarget({ request: makeRequest(), results, visits: [], playbooks });
    }),
    { numRuns: 60 },
  );
});
