import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LineDetails } from "../../../src/topology/parser.ts";
import { nginx } from "../../../src/topology/parsers/nginx.ts";
import { UTC } from "./parser-input.ts";

const errorLog = grammarOf("errorLog");
const accessLog = grammarOf("accessLog");

function grammarOf(name: "errorLog" | "accessLog") {
  const grammar = nginx[name];
  if (!grammar) throw new Error(`nginx has no ${name}`);
  return grammar;
}

/** The messages a scan of a whole log finds, one per line that starts a record. */
function messagesIn(text: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const message = errorLog.messageStart(text, start, end);
    if (message >= 0) found.push(text.slice(message, end));
    start = end + 1;
  }
  return found;
}

const REFUSED =
  '2026/11/20 03:12:09 [error] 812#812: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.9, server: shop.example.com, request: "GET /cart?x=1 HTTP/1.1", upstream: "http://10.0.0.11:3000/cart?x=1", host: "shop.example.com", referrer: "https://shop.example.com/"';

test("an error line gives its time in UTC, process, server, request, upstream and host", () => {
  assert.deepEqual(errorLog.details(REFUSED, { ...UTC, utcOffsetMinutes: 60 }), {
    at: "2026-11-20T02:12:09.000Z",
    level: "error",
    pid: 812,
    server: "shop.example.com",
    request: "GET /cart?x=1",
    upstream: "10.0.0.11:3000",
    requestHost: "shop.example.com",
  } satisfies LineDetails);
});

test("the message begins after the connection, or after the process when there is none", () => {
  const cases: readonly (readonly [string, string])[] = [
    [REFUSED, "connect() failed (111"],
    ["2026/11/20 03:12:09 [emerg] 1#1: bind() to 0.0.0.0:80 failed", "bind() to 0.0.0.0:80 failed"],
    [
      "Nov 20 03:12:09 edge-1 nginx: 2026/11/20 03:12:09 [crit] 5#5: *9 connect() to unix:/a failed",
      "connect() to unix:/a",
    ],
    ["2026/11/20 03:12:09 [notice] 1#1: signal 17 (SIGCHLD) received", "signal 17"],
  ];
  for (const [line, message] of cases) {
    assert.ok(line.slice(errorLog.messageStart(line, 0, line.length)).startsWith(message), line);
  }
  for (const line of ["", "PHP Stack trace:", "2026/11/20 03:12", "2026/11/20 03:12:09 [error]"]) {
    assert.equal(errorLog.messageStart(line, 0, line.length), -1, line);
  }
});

const TAIL = ', client: 203.0.113.9, server: shop, request: "GET / HTTP/1.1", upstream: ';

test("upstreams are named by address, socket or group whatever the scheme", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['"fastcgi://unix:/run/php/php8.2-fpm.sock:", host: "shop"', "unix:/run/php/php8.2-fpm.sock"],
    ['"http://unix:/run/app.sock:/x", host: "shop"', "unix:/run/app.sock"],
    ['"fastcgi://127.0.0.1:9000", host: "shop"', "127.0.0.1:9000"],
    ['"https://[::1]:8443/x", host: "shop"', "[::1]:8443"],
    ['"http://app_pool/x?http://9.9.9.9", host: "shop"', "app_pool"],
    ['"http://unix:', undefined],
  ];
  for (const [value, upstream] of cases) {
    const line = `2026/11/20 03:12:09 [error] 8#8: *1 upstream failed${TAIL}${value}`;
    assert.equal(errorLog.details(line, UTC).upstream, upstream, value);
  }
});

const EVIL = ', upstream: "http://9.9.9.9:1/", host: "evil"';

test("a request, host or referrer that imitates fields changes none of them", () => {
  const head =
    '2026/11/20 03:12:09 [error] 8#8: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.9, server: shop, request: "';
  const target = '/x",upstream:"http://9.9.9.9:1/",host:"evil';
  const lines = [
    `${head}GET ${target} HTTP/1.1", upstream: "http://10.0.0.1:80${target}", host: "shop", referrer: "r"`,
    `${head}GET /x HTTP/1.1", upstream: "http://10.0.0.1:80/x", host: "shop", referrer: "r"${EVIL}`,
    `${head}GET /x, client: 1.1.1.1, server: evil${EVIL} HTTP/1.1", upstream: "http://10.0.0.1:80/x", host: "shop"`,
  ];
  for (const line of lines) {
    const { server, upstream, requestHost } = errorLog.details(line, UTC);
    assert.deepEqual(
      { server, upstream, requestHost },
      { server: "shop", upstream: "10.0.0.1:80", requestHost: "shop" },
      line,
    );
  }
});

test("a line whose request could end at two places names no upstream", () => {
  const line = `2026/11/20 03:12:09 [error] 8#8: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 1.2.3.4, server: shop, request: "GET /a HTTP/1.1"${EVIL} HTTP/2.0", upstream: "http://10.0.0.1:80/a", host: "shop"`;
  assert.deepEqual(errorLog.details(line, UTC).upstream, undefined);
  assert.deepEqual(errorLog.details(line, UTC).requestHost, undefined);
  assert.equal(errorLog.details(line, UTC).server, "shop");
});

test("a file name that imitates the fields does not change whose line it is", () => {
  const line = `2026/11/20 03:12:09 [error] 8#8: *1 open() "/srv/x, client: 1.1.1.1, server: evil, request: "GET / HTTP/1.1"${EVIL}" failed (2: No such file or directory), client: 203.0.113.9, server: shop, request: "GET /x HTTP/1.1", host: "shop"`;
  const { server, upstream, requestHost } = errorLog.details(line, UTC);
  assert.deepEqual(
    { server, upstream, requestHost },
    { server: "shop", upstream: undefined, requestHost: "shop" },
  );
});

// as nginx 1.22.1 wrote it for `GET /x%0a2026/11/20%2003:12:09…`
const INJECTED = `2026/11/21 03:11:45 [error] 20281#20281: *1 open() "/srv/x
${REFUSED}
${REFUSED}" failed (2: No such file or directory)
" failed (2: No such file or directory), client: 127.0.0.1, server: shop, request: "GET /x%0a2026 HTTP/1.1", host: "shop"
2026/11/21 03:11:46 [error] 20281#20281: *2 upstream prematurely closed connection, client: 127.0.0.1, server: shop
`;

test("whole lines smuggled in by a decoded newline are part of the record they stand in", () => {
  const messages = messagesIn(INJECTED);
  assert.equal(messages.length, 2);
  assert.match(messages[0] ?? "", /^open\(\)/);
  assert.match(messages[1] ?? "", /^upstream prematurely closed/);
});

test("what an application writes over several lines is one record, and the next line is a record again", () => {
  const text = `2026/11/20 03:12:09 [error] 8#8: *1 FastCGI sent in stderr: "PHP message: PHP Fatal error: x
Stack trace:
2026/11/20 03:12:09 [error] 8#8: *1 connect() failed (111: Connection refused)
  thrown" while reading response header from upstream, client: 1.2.3.4, server: shop
${REFUSED}
${REFUSED}`;
  assert.deepEqual(
    messagesIn(text).map((message) => message.slice(0, 14)),
    ["FastCGI sent i", "connect() fail", "connect() fail"],
  );
});

test("a combined line gives time, status and request; appended fields are understood", () => {
  const line =
    '203.0.113.9 - - [20/Nov/2026:03:12:09 +0100] "GET /cart HTTP/1.1" 502 157 "-" "curl/8" rt=0.004 us="502, 200" urt="0.001, 0.003" uht="-, 0.003" upstream="10.0.0.1:80, 10.0.0.2:80"';
  assert.deepEqual(accessLog.details(line, UTC), {
    at: "2026-11-20T02:12:09.000Z",
    status: 502,
    request: "GET /cart",
    upstreamStatus: "502, 200",
    durationMs: 4,
    upstreamHeaderMs: 3,
    upstream: "10.0.0.2:80",
  } satisfies LineDetails);
});

test("a configured format is read by position", () => {
  const json = nginx.accessLogOf?.(
    '{"t":"$time_iso8601","h":"$host","m":"$request_method","u":"$request_uri","s":$status,"rt":$request_time,"us":"$upstream_status","uht":"$upstream_header_time"}',
  );
  assert.deepEqual(
    json?.details(
      '{"t":"2026-11-20T03:12:09+00:00","h":"shop.example.com","m":"POST","u":"/a\\"b","s":504,"rt":60.001,"us":"504","uht":"-"}',
      UTC,
    ),
    {
      at: "2026-11-20T03:12:09.000Z",
      status: 504,
      request: 'POST /a\\"b',
      requestHost: "shop.example.com",
      upstreamStatus: "504",
      durationMs: 60_001,
      upstreamHeaderMs: null,
    } satisfies LineDetails,
  );
  const vhost = nginx.accessLogOf?.('$host:$server_port $remote_addr [$time_local] "$request" $status');
  assert.deepEqual(
    vhost?.details('shop:443 203.0.113.9 [20/Nov/2026:03:12:09 +0000] "GET / HTTP/2.0" 502', UTC),
    {
      at: "2026-11-20T03:12:09.000Z",
      status: 502,
      request: "GET /",
      requestHost: "shop",
    } satisfies LineDetails,
  );
});

test("a user name that imitates a time stamp does not shift the fields", () => {
  const line =
    '203.0.113.9 - x [01/Jan/2020:00:00:00 +0000] GET / 200 [20/Nov/2026:03:12:09 +0000] "GET /real HTTP/1.1" 502 157 "-" "a"';
  const { at, status, request } = accessLog.details(line, UTC);
  assert.deepEqual(
    { at, status, request },
    { at: "2026-11-20T03:12:09.000Z", status: 502, request: "GET /real" },
  );
});

test("no line makes the grammars throw, and a message start lies inside its line", () => {
  const piece = fc.constantFrom(
    REFUSED,
    '"',
    ", client: ",
    ', upstream: "',
    "\n",
    "2026/11/20 03:12:09 [error] 1#1: ",
    ' HTTP/1.1"',
    "[20/Nov/2026:99:99:99 +9999]",
    "$",
    "unix:",
  );
  const format = fc.array(
    fc.constantFrom("$status", "$constructor", "$host$", "$__proto__", " ", '"', "$request_time", "$msec"),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), format, (pieces, words) => {
      const text = pieces.join("");
      for (let start = 0; start <= text.length; ) {
        const newline = text.indexOf("\n", start);
        const end = newline < 0 ? text.length : newline;
        const message = errorLog.messageStart(text, start, end);
        assert.ok(message === -1 || (message > start && message <= end));
        start = end + 1;
      }
      errorLog.details(text, UTC);
      accessLog.details(text, UTC);
      nginx.accessLogOf?.(words.join("")).details(text, UTC);
    }),
    { numRuns: 500 },
  );
});

test("a megabyte of hostile log is scanned without running away", () => {
  const header = "2026/11/20 03:12:09 [error] 1#1: *1 x\n";
  for (const unit of [
    header,
    "\n",
    "2026/",
    '"',
    header.replace("x", ', request: "'),
    `${header.trimEnd()}"`,
  ]) {
    messagesIn(unit.repeat(Math.floor((1024 * 1024) / unit.length)));
  }
  for (const unit of [", client: ", ' HTTP/1.1", ', ', request: "', ', upstream: "', '] "', " - ", " rt="]) {
    const line = `${REFUSED}${unit.repeat(Math.floor((1024 * 1024) / unit.length))}`;
    errorLog.details(line, UTC);
    accessLog.details(`1.1.1.1 - ${line}`, UTC);
  }
});
