import assert from "node:assert/strict";
import { test } from "node:test";
import type { HopCase } from "../../src/classify/case-file.ts";
import { accessLine, makeFile, nginxLine, READ_TIMED_OUT, REFUSED, type Seen } from "./evidence.ts";

function hopOf(seen: Seen): HopCase {
  const [hop] = makeFile(seen).hops;
  assert.ok(hop);
  return hop;
}

function agesOf(lines: HopCase["lines"]): readonly (number | undefined)[] {
  return lines.map(({ ageSeconds }) => ageSeconds);
}

for (const { name, line, isOurs } of [
  { name: "of the site's own server block", line: nginxLine(5, REFUSED), isOurs: true },
  {
    name: "of another server block",
    line: nginxLine(5, REFUSED, { server: "blog.example.com" }),
    isOurs: false,
  },
  {
    name: "of another server block with the same upstream",
    line: nginxLine(5, REFUSED, { server: "blog.example.com", upstream: "http://192.0.2.20:3000/" }),
    isOurs: false,
  },
]) {
  test(`a line ${name} ${isOurs ? "counts" : "does not count"}`, () => {
    assert.deepEqual(agesOf(hopOf({ errorLog: [line] }).lines), isOurs ? [5] : []);
  });
}

for (const { upstream, isOurs } of [
  { upstream: "http://192.0.2.20:3000/", isOurs: true },
  { upstream: "http://192.0.2.99:3000/", isOurs: false },
  { upstream: "http://192.0.2.20:4000/", isOurs: false },
  { upstream: "http://shop_app/", isOurs: true },
]) {
  test(`a line that names no site ${isOurs ? "counts" : "does not count"} when it is about ${upstream}`, () => {
    const [start = ""] = nginxLine(5, REFUSED).split(", server: ");
    assert.equal(hopOf({ errorLog: [`${start}, upstream: "${upstream}"`] }).lines.length, isOurs ? 1 : 0);
  });
}

test("lines of a server block count for a site that it serves by default", () => {
  const nginxConfig = `# configuration file /etc/nginx/nginx.conf:
error_log /var/log/nginx/error.log;
http {
    server { listen 80 default_server; server_name fallback; location / { proxy_pass http://192.0.2.20:3000; } }
    server { listen 80; server_name blog.example.com; location / { proxy_pass http://192.0.2.20:4000; } }
}
`;
  const errorLog = [
    nginxLine(9, REFUSED, { server: "blog.example.com" }),
    nginxLine(5, REFUSED, { server: "fallback" }),
  ];
  assert.deepEqual(agesOf(hopOf({ nginxConfig, errorLog }).lines), [5]);
});

test("only lines within a minute of the newest belong to the failure that is now; the others are older ones", () => {
  const errorLog = [
    nginxLine(700, READ_TIMED_OUT),
    nginxLine(66, READ_TIMED_OUT),
    nginxLine(64, REFUSED),
    nginxLine(5, REFUSED),
  ];
  const hop = hopOf({ errorLog });
  assert.deepEqual(agesOf(hop.lines), [64, 5]);
  assert.deepEqual(agesOf(hop.staleLines), [700, 66]);
});

test("a failure that left no line for fifteen minutes is over", () => {
  assert.deepEqual(agesOf(hopOf({ errorLog: [nginxLine(880, REFUSED)] }).lines), [880]);
  const over = hopOf({ errorLog: [nginxLine(920, REFUSED)] });
  assert.deepEqual(agesOf(over.lines), []);
  assert.deepEqual(agesOf(over.staleLines), [920]);
});

test("a harmless line that is newer does not push failures out", () => {
  const gaveUp = "client prematurely closed connection, so upstream connection is closed too";
  const hop = hopOf({ errorLog: [nginxLine(400, REFUSED), nginxLine(2, gaveUp)] });
  assert.deepEqual(agesOf(hop.lines), [400, 2]);
});

test("times of a host whose clock is wrong are corrected", () => {
  const behind = { "edge-1": { clockSkewMs: -600_000 } };
  const hop = hopOf({
    visits: behind,
    errorLog: [nginxLine(605, REFUSED)],
    accessLog: [accessLine(605, 502)],
  });
  assert.deepEqual(agesOf(hop.lines), [5]);
  assert.deepEqual(
    hop.access.entries.map(({ at }) => at),
    ["2026-11-20T11:59:55.000Z"],
  );
});

test("local time of the host is read as such", () => {
  const hop = hopOf({
    visits: { "edge-1": { utcOffsetMinutes: 330 } },
    errorLog: [nginxLine(5 - 330 * 60, REFUSED)],
  });
  assert.deepEqual(agesOf(hop.lines), [5]);
});

test("an access log is read by the format its configuration gives it", () => {
  const nginxConfig = `# configuration file /etc/nginx/nginx.conf:
http {
    log_format short '$time_iso8601 $status $http_host $request_time "$request"';
    access_log /var/log/nginx/access.log short;
    server { listen 80; server_name shop.example.com; location / { proxy_pass http://192.0.2.20:3000; } }
}
`;
  const accessLog = [
    '2026-11-20T11:59:50+00:00 200 shop.example.com 0.004 "GET / HTTP/1.1"',
    '2026-11-20T11:59:52+00:00 502 blog.example.com 0.001 "GET / HTTP/1.1"',
    '2026-11-20T11:59:55+00:00 502 shop.example.com:80 0.001 "GET /cart HTTP/1.1"',
  ];
  const { access } = hopOf({ nginxConfig, accessLog });
  assert.equal(access.mixed, false);
  assert.deepEqual(
    access.entries.map(({ at, status, durationMs }) => ({ at, status, durationMs })),
    [
      { at: "2026-11-20T11:59:50.000Z", status: 200, durationMs: 4 },
      { at: "2026-11-20T11:59:55.000Z", status: 502, durationMs: 1 },
    ],
  );
});

test("an access log that sites share, and that does not say whose a line is, is mixed", () => {
  const { access } = hopOf({ accessLog: [accessLine(5, 502)] });
  assert.equal(access.mixed, true);
  assert.equal(access.entries.length, 1);
  assert.equal(hopOf({ accessLog: [accessLine(5, 502, " host=shop.example.com")] }).access.mixed, false);
});
