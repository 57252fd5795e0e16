import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { LineDetails } from "../../../src/topology/parser.ts";
import { haproxy } from "../../../src/topology/parsers/haproxy.ts";
import { asFiles, inputOf, inShort, routeOf, UTC } from "./parser-input.ts";

/** `show info;show stat` of HAProxy 2.6.12 with be_app down and be_api unchecked. */
const STATS = readFileSync(new URL("fixtures/haproxy-stat.txt", import.meta.url), "utf8");

const CONFIG = `global
    log /dev/log local0
    log 192.0.2.1:514 local1 notice
    maxconn 4000
    user haproxy
    stats socket /run/haproxy/admin.sock mode 660 level admin

defaults
    log global
    mode http
    option httplog
    timeout connect 5000
    timeout client 50s
    timeout server 1m

frontend http-in
    bind *:80
    bind [::]:80 v6only
    http-request redirect scheme https code 301 unless { ssl_fc }

frontend https-in
    bind :443,:8443 ssl crt /etc/haproxy/certs alpn h2,http/1.1
    acl is_api  path_beg -i /api/ /v2/
    acl host_bo hdr(host) -i backoffice.example.com
    acl host_bo hdr_end(host) -i .bo.example.com
    acl office  src 192.0.2.0/24
    use_backend be_office if office host_bo
    use_backend be_bo if host_bo !is_api
    use_backend be_api if is_api || { path /health }
    use_backend be_static if { path_end .css .js } { hdr_dom(host) -i static.example.com }
    use_backend be_%[req.hdr(host),lower,map(/etc/haproxy/tenants.map,none)] if { req.hdr(host),lower,map(/etc/haproxy/tenants.map) -m found }
    use_backend be_re if { path_reg ^/r[0-9]+$ }
    default_backend be_app

backend be_app
    balance roundrobin
    default-server check inter 2s
    server web1 10.0.0.11:3000 maxconn 50
    server web2 app2.internal:3000 backup no-check

backend be_api
    timeout server 10s
    server api1 10.0.0.21:8443 ssl verify none sni str(api.internal) check
    server api2 10.0.0.22:8443 ssl verify none check disabled

backend be_bo
    server bo unix@/run/bo.sock
backend be_office
    server o 10.9.9.9:1
backend be_static
    server s /run/static.sock
backend be_t1
    mode http
    server t 10.0.1.1
backend be_re
    http-request deny deny_status 503 if { path_beg /r9 }
    server r [2001:db8::5]:81 proto h2

listen pg
    bind 10.0.0.1:5432
    mode tcp
    server db1 10.0.0.31:5432 check
`;
const FILES = asFiles({
  "/etc/haproxy/haproxy.cfg": CONFIG,
  "/etc/haproxy/tenants.map": "t1.example.com t1\n",
});
const INPUT = inputOf("haproxy", {
  "haproxy.config-files": FILES,
  "haproxy.version": "HAProxy version 2.6.12-1 2026/10/17\n",
});

test("a URL is led to the backend its frontend's rules choose", () => {
  const expected: Readonly<Record<string, string>> = {
    "http://shop.example.com/": "301 redirect scheme https code 301 unless { ssl_fc }",
    "https://shop.example.com/": "http 10.0.0.11:3000 app2.internal:3000(backup)",
    "https://shop.example.com:8443/API/x": "https 10.0.0.21:8443 10.0.0.22:8443(down)",
    "https://shop.example.com/health": "https 10.0.0.21:8443 10.0.0.22:8443(down)",
    "https://BackOffice.example.com/": "http unix:/run/bo.sock",
    "https://eu.bo.example.com/v2/x": "https 10.0.0.21:8443 10.0.0.22:8443(down)",
    "https://eu.bo.example.com/x": "http unix:/run/bo.sock",
    "https://eu.static.example.com/a.css": "http unix:/run/static.sock",
    "https://t1.example.com/": "http 10.0.1.1:443",
    "https://shop.example.com/r12": "h2 2001:db8::5:81",
    "https://shop.example.com/r91": "503 deny deny_status 503 if { path_beg /r9 }",
    "http://10.0.0.1:5432/": "tcp 10.0.0.31:5432",
  };
  const seen = Object.fromEntries(
    Object.keys(expected).map((url) => [url, inShort(routeOf(haproxy, INPUT, url).action)]),
  );
  assert.deepEqual(seen, expected);
});

test("the route names its lines, settings, logs and user", () => {
  const route = routeOf(haproxy, INPUT, "https://shop.example.com/api/1");
  assert.deepEqual(route.source, { file: "/etc/haproxy/haproxy.cfg", line: 21 });
  assert.deepEqual(route.action.source, { file: "/etc/haproxy/haproxy.cfg", line: 41 });
  assert.equal(route.location, "use_backend be_api if is_api || { path /health }");
  assert.equal(route.byDefault, false);
  assert.equal(route.version, "2.6.12");
  assert.equal(route.workerUser, "haproxy");
  assert.deepEqual(route.settings, {
    connectTimeoutMs: 5000,
    readTimeoutMs: 10_000,
    sendTimeoutMs: 10_000,
    headerBufferBytes: 15_360,
    verifiesCertificate: false,
    sniName: "api.internal",
    reusesConnections: true,
    maxConnections: 4000,
  });
  assert.deepEqual(route.errorLogs, [
    { kind: "file", path: "/var/log/haproxy.log" },
    { kind: "journal", unit: "haproxy.service" },
    { kind: "syslog", tag: "haproxy" },
  ]);
});

test("a rule that depends on the client is taken not to hold, and the notes say so", () => {
  const { notes, action } = routeOf(haproxy, INPUT, "https://backoffice.example.com/");
  assert.equal(action.kind === "pass" && action.group, "be_bo");
  assert.match(
    notes.join("\n"),
    /"use_backend be_office if office host_bo" \(line 27\) depends on what only the running HAProxy knows/,
  );
});

test("a map that was not read leaves the backend unresolved", () => {
  const config = "frontend f\n bind :80\n use_backend %[req.hdr(host),map(/etc/haproxy/x.map)]\n";
  const input = inputOf("haproxy", {
    "haproxy.config-files": asFiles({ "/etc/haproxy/haproxy.cfg": config }),
  });
  assert.equal(
    inShort(routeOf(haproxy, input, "http://s/").action),
    "? %[req.hdr(host),map(/etc/haproxy/x.map)]",
  );
});

test("what the running HAProxy says of its servers stands on the members and in the notes", () => {
  const input = inputOf("haproxy", { "haproxy.config-files": FILES, "haproxy.stats": STATS });
  const { action, notes } = routeOf(haproxy, input, "https://shop.example.com/");
  assert.deepEqual(
    action.kind === "pass" && action.members.map(({ label, state, lookup }) => [label, state, lookup]),
    [
      ["be_app/web1", "DOWN", undefined],
      ["be_app/web2", "DOWN", "at-start"],
    ],
  );
  assert.ok(notes.includes("HAProxy now says that be_app/web1 is DOWN (L4CON Connection refused)."));
  assert.ok(notes.includes("HAProxy now says that backend be_app is DOWN."));
});

test("named defaults, a lone frontend on another port and a missing frontend are told apart", () => {
  const config =
    "defaults a\n mode http\n timeout connect 1s\ndefaults b\n mode tcp\nfrontend f from a\n bind :8080\n default_backend x\nbackend x from a\n server s 10.0.0.1:1\n";
  const input = inputOf("haproxy", {
    "haproxy.config-files": asFiles({ "/etc/haproxy/haproxy.cfg": config }),
  });
  const route = routeOf(haproxy, input, "https://s/");
  assert.equal(inShort(route.action), "http 10.0.0.1:1");
  assert.equal(route.settings.connectTimeoutMs, 1000);
  assert.match(route.notes.join("\n"), /the only frontend, f, is used/);
  assert.deepEqual(haproxy.route?.(INPUT, new URL("http://s:99/")), {
    route: null,
    why: "HAProxy has no frontend that binds port 99.",
  });
  assert.deepEqual(haproxy.route?.(inputOf("haproxy", {}), new URL("http://s/")), {
    route: null,
    why: "No HAProxy configuration was read on this host.",
  });
});

const grammar = haproxy.errorLog;

function messageOf(line: string): string | undefined {
  const start = grammar?.messageStart(line, 0, line.length) ?? -1;
  return start < 0 ? undefined : line.slice(start);
}

// as HAProxy 2.6.12 wrote it; the client sent `x} "GET /evil" SH-- [{a} 502 ` as User-Agent
const TRAFFIC =
  'Nov 21 03:51:00 edge-1 haproxy[11882]: 127.0.0.1:49550 [21/Nov/2026:03:50:57.098] web be_api/api1 0/0/-1/-1/3006 503 217 - - SC-- 1/1/0/0/3 0/0 {x#7D #22GET /evil#22 SH-- [#7Ba#7D 502} "GET /api/a#22b?x=y HTTP/1.1"';

test("a traffic line gives accept time, server, flags and timers, whatever the client sent", () => {
  assert.deepEqual(grammar?.details(TRAFFIC, { ...UTC, utcOffsetMinutes: 60 }), {
    at: "2026-11-21T02:50:57.098Z",
    pid: 11_882,
    upstream: "be_api/api1",
    status: 503,
    durationMs: 3006,
    upstreamHeaderMs: null,
    flags: "SC--",
    request: "GET /api/a#22b?x=y",
  } satisfies LineDetails);
  assert.match(messageOf(TRAFFIC) ?? "", /^127\.0\.0\.1:49550 \[/);
});

test("an answered request carries the server's status; HTTP/2 requests carry their host", () => {
  const line =
    '2026-11-20T03:12:09.120+01:00 edge-1 haproxy[7]: 203.0.113.9:1 [20/Nov/2026:03:12:09.000] fe~ be/web1 0/0/1/120/121 502 300 - - ---- 1/1/0/0/0 0/0 "GET https://shop.example.com/a?b HTTP/2.0"';
  const details = grammar?.details(line, { ...UTC, utcOffsetMinutes: 60 });
  assert.deepEqual(
    [details?.upstreamStatus, details?.upstreamHeaderMs, details?.requestHost, details?.request],
    ["502", 120, "shop.example.com", "GET /a?b"],
  );
});

test("server state lines and raw TCP lines are understood", () => {
  const down =
    "Nov 20 03:12:09 edge-1 haproxy[7]: Backup Server be_app/web2 is DOWN, reason: Layer4 timeout, check duration: 2001ms.";
  assert.deepEqual(grammar?.details(down, UTC), {
    at: "2026-11-20T03:12:09.000Z",
    pid: 7,
    upstream: "be_app/web2",
  } satisfies LineDetails);
  const tcp = "203.0.113.9:4 [20/Nov/2026:03:12:09.000] pg pg/db1 1/-1/5003 0 sC 1/1/0/0/3 0/0";
  const details = grammar?.details(tcp, UTC);
  assert.deepEqual([details?.flags, details?.upstream, details?.durationMs], ["sC", "pg/db1", 5003]);
  const newYear = "Dec 31 23:59:59 edge-1 haproxy[7]: backend be has no server available!";
  assert.equal(
    grammar?.details(newYear, { utcOffsetMinutes: 0, nowMs: Date.parse("2027-01-01T00:00:10Z") }).at,
    "2026-12-31T23:59:59.000Z",
  );
});

test("lines of other programs have no message here, even when they quote HAProxy", () => {
  for (const line of [
    "",
    "Nov 20 03:12:09 h sshd[3]: x haproxy[1]: Server a/b is DOWN",
    "hello",
    "Nov 20 03:12:09 h kernel: haproxy",
  ]) {
    assert.equal(messageOf(line), undefined, line);
  }
});

const hasHaproxy = spawnSync("haproxy", ["-v"]).status === 0;

test("the configuration of these tests is one the real HAProxy reads the same way", {
  skip: !hasHaproxy && "HAProxy is not installed",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "haproxy-route-"));
  try {
    writeFileSync(join(folder, "tenants.map"), "t1.example.com t1\n");
    // certificates and names of the sample do not exist on this machine
    const config = CONFIG.replaceAll("/etc/haproxy/tenants.map", join(folder, "tenants.map"))
      .replace(" ssl crt /etc/haproxy/certs alpn h2,http/1.1", "")
      .replace("app2.internal", "10.0.0.12")
      .replaceAll(/^ {4}(?:user|stats) .*$/gm, "");
    writeFileSync(join(folder, "haproxy.cfg"), config);
    const check = spawnSync("haproxy", ["-c", "-f", join(folder, "haproxy.cfg")], { encoding: "utf8" });
    assert.equal(check.status, 0, check.stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("no configuration, statistics or line makes the parser throw", () => {
  const word = fc.constantFrom(
    "frontend f",
    "backend",
    "listen l",
    "defaults",
    "from",
    "bind :80",
    "acl a path",
    "use_backend %[",
    "default_backend f",
    "if",
    "!",
    "{",
    "}",
    "||",
    "server s",
    ":80",
    "\n",
    '"',
    "'",
    "\\",
    "hdr(",
    "map(",
    "-m",
    "-f",
    "constructor",
    "# pxname,svname,",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 10 })), { maxLength: 80 }), (words) => {
      const text = words.join(" ");
      const files = asFiles({ "/etc/haproxy/haproxy.cfg": `frontend f\n bind :80\n ${text}` });
      haproxy.route?.(
        inputOf("haproxy", { "haproxy.config-files": files, "haproxy.stats": text }),
        new URL("http://s/x"),
      );
      grammar?.details(`haproxy[1]: ${text}`, UTC);
      messageOf(text);
    }),
    { numRuns: 300 },
  );
});

test("a megabyte of hostile input is read without running away", () => {
  const mega = (unit: string) => unit.repeat(Math.floor((1024 * 1024) / unit.length));
  const bodies = [
    "defaults d from d\n",
    "frontend f\n",
    "acl a path\n",
    "use_backend x if a !a\n",
    "use_backend %[path] if { ",
    '"',
    "bind :80,",
    "server s 10.0.0.1:1\n",
    "# x\n",
  ];
  for (const unit of bodies) {
    const config = `frontend f\n bind :80\n ${mega(unit)}`;
    const files = asFiles({ "/etc/haproxy/haproxy.cfg": config });
    assert.ok(
      haproxy.route?.(
        inputOf("haproxy", {
          "haproxy.config-files": files,
          "haproxy.stats": `# pxname,svname,\n${mega("f,s,")}`,
        }),
        new URL("http://s/"),
      ),
    );
  }
  for (const unit of ["]: ", "haproxy[1]: ", " [", '"', "1/", " - "])
    grammar?.details(`haproxy[1]: 1:1 [${mega(unit)}`, UTC);
});
