import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { createHttp } from "../../src/http/create-http.ts";
import { temporaryDirectory } from "../config/temporary-directory.ts";
import { type Authority, makeAuthority } from "./certificates.ts";
import { answer, listenRaw } from "./raw-server.ts";

/** Far above what any answer here takes; cases that wait for the end set their own. */
const PATIENT = { timeoutMs: 20_000, connectTimeoutMs: 20_000 };
const IMPATIENT = { timeoutMs: 150, connectTimeoutMs: 150 };

const http = createHttp({ version: "1.2.3" });

test("an answer is sampled with its status, address, phases, headers and body", async (t) => {
  const { port } = await listenRaw(
    t,
    answer("HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nVia: a\r\nVia: b\r\nContent-Length: 5\r\n\r\nhello"),
  );
  const sample = await http.sample(`http://127.0.0.1:${port}/`, PATIENT);
  assert.equal(sample.status, 502);
  assert.equal(sample.via, "public");
  assert.equal(sample.address, `127.0.0.1:${port}`);
  assert.equal(sample.error, undefined);
  assert.equal(sample.bodyStart, "hello");
  assert.deepEqual(sample.headers, { server: "nginx", via: "a, b", "content-length": "5" });
  assert.deepEqual(Object.keys(sample.phasesMs).toSorted(), ["connect", "firstByte", "total"]);
  assert.equal(new Date(sample.at).toISOString(), sample.at);
});

test("the request names us, wants no compression and closes; its fragment stays at home", async (t) => {
  let request = "";
  const { port } = await listenRaw(t, (socket) => {
    socket.once("data", (bytes) => {
      request = bytes.toString();
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
  });
  const sample = await http.sample(`http://127.0.0.1:${port}/cart?id=1#top`, PATIENT);
  assert.equal(sample.status, 200);
  const [first, ...headers] = request.trim().split("\r\n");
  assert.equal(first, "GET /cart?id=1 HTTP/1.1");
  assert.deepEqual(headers.toSorted(), [
    "accept-encoding: identity",
    "accept: */*",
    "connection: close",
    `host: 127.0.0.1:${port}`,
    "user-agent: diagnose502/1.2.3",
  ]);
});

for (const { what, misbehave, status, error } of [
  {
    what: "a connection closed without an answer",
    misbehave: (socket: Socket) => socket.once("data", () => socket.end()),
    status: null,
    error: {
      phase: "response",
      code: "UND_ERR_SOCKET",
      message: /^127\.0\.0\.1:\d+ closed the connection before/,
    },
  },
  {
    what: "a connection reset after the request",
    misbehave: (socket: Socket) => socket.once("data", () => socket.resetAndDestroy()),
    status: null,
    error: { phase: "response", code: "ECONNRESET", message: /reset the connection$/ },
  },
  {
    what: "an answer that is not HTTP",
    misbehave: answer("\u0000\u0001\u0002 garbage\r\n\r\n"),
    status: null,
    error: { phase: "response", code: "HTTP_PARSER", message: /did not answer in HTTP/ },
  },
  {
    what: "the greeting of another protocol",
    misbehave: (socket: Socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"),
    status: null,
    error: { phase: "response", code: "HTTP_PARSER", message: /did not answer in HTTP/ },
  },
  {
    what: "a response header that is too large",
    misbehave: answer(`HTTP/1.1 200 OK\r\nX-Long: ${"a".repeat(40_000)}\r\n\r\n`),
    status: null,
    error: { phase: "response", code: "UND_ERR_HEADERS_OVERFLOW", message: /more than 16 KiB$/ },
  },
  {
    what: "a body that breaks off",
    misbehave: answer("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc"),
    status: 200,
    error: { phase: "response", code: "UND_ERR_SOCKET", message: /before the answer was complete$/ },
  },
]) {
  test(`${what} is a value that says so`, async (t) => {
    const { port } = await listenRaw(t, misbehave);
    const sample = await http.sample(`http://127.0.0.1:${port}/`, PATIENT);
    assert.equal(sample.status, status);
    assert.equal(sample.error?.phase, error.phase);
    assert.equal(sample.error?.code, error.code);
    assert.match(sample.error?.message ?? "", error.message);
    assert.equal(sample.address, `127.0.0.1:${port}`);
  });
}

test("a connection closed or reset at once is a value, however the race ends", async (t) => {
  for (const end of [(socket: Socket) => socket.destroy(), (socket: Socket) => socket.resetAndDestroy()]) {
    const { port } = await listenRaw(t, end);
    const samples = await Promise.all(
      Array.from({ length: 20 }, () => http.sample(`http://127.0.0.1:${port}/`, PATIENT)),
    );
    for (const { status, error } of samples) {
      assert.equal(status, null);
      assert.match(error?.code ?? "", /^(UND_ERR_SOCKET|ECONNRESET)$/);
    }
  }
});

for (const { what, misbehave, status } of [
  { what: "no answer at all", misbehave: (socket: Socket) => socket.resume(), status: null },
  {
    what: "headers without end, drop by drop",
    misbehave: drip("HTTP/1.1 200 OK\r\n", "X-A: b\r\n"),
    status: null,
  },
  {
    what: "only early hints",
    misbehave: drip("", "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"),
    status: null,
  },
  {
    what: "a body that never ends",
    misbehave: drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
    status: 200,
  },
]) {
  test(`the deadline ends ${what}`, async (t) => {
    const { port } = await listenRaw(t, misbehave);
    const sample = await http.sample(`http://127.0.0.1:${port}/`, IMPATIENT);
    assert.equal(sample.status, status);
    assert.deepEqual(sample.error, {
      phase: "response",
      code: "ETIMEDOUT",
      message: `127.0.0.1:${port} did not answer in full within 0.15 s`,
    });
  });
}

test("a flood of a body is read to 256 KiB and no further", async (t) => {
  let written = 0;
  const closed = Promise.withResolvers<void>();
  const { port } = await listenRaw(t, (socket) => {
    socket.on("close", () => closed.resolve());
    const flood = () => {
      while (!socket.destroyed) {
        written += 16_384;
        if (!socket.write(`4000\r\n${"z".repeat(16_384)}\r\n`)) break;
      }
    };
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      flood();
    });
    socket.on("drain", flood);
  });
  const sample = await http.sample(`http://127.0.0.1:${port}/`, PATIENT);
  await closed.promise;
  assert.equal(sample.status, 200);
  assert.equal(sample.error, undefined);
  assert.equal(sample.bodyStart.length, 8192);
  // What the kernel's buffers took is written, never read.
  assert.ok(written < 32 * 1024 * 1024, `${written} bytes were taken`);
});

test("a body compressed against our wish is not unpacked", async (t) => {
  const bomb = gzipSync(Buffer.alloc(10_000_000));
  const { port } = await listenRaw(
    t,
    answer(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`, bomb),
  );
  const sample = await http.sample(`http://127.0.0.1:${port}/`, PATIENT);
  assert.equal(sample.status, 200);
  assert.equal(sample.headers["content-encoding"], "gzip");
  assert.equal(sample.bodyStart, "");
});

test("a redirect is reported without its query, and not followed", async (t) => {
  const target = await listenRaw(t, answer("HTTP/1.1 200 OK\r\n\r\n"));
  const { port } = await listenRaw(
    t,
    answer(`HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${target.port}/in?token=hunter2\r\n\r\n`),
  );
  const sample = await http.sample(`http://127.0.0.1:${port}/`, PATIENT);
  assert.equal(sample.status, 302);
  assert.equal(sample.headers.location, `http://127.0.0.1:${target.port}/in`);
  assert.equal(target.connections(), 0);
});

test("cookies and tokens in headers are left out", async (t) => {
  const { port } = await listenRaw(
    t,
    answer(
      "HTTP/1.1 200 OK\r\nSet-Cookie: s=hunter2\r\nX-Auth-Token: hunter2\r\nX-Cache: MISS\r\nContent-Length: 0\r\n\r\n",
    ),
  );
  const sample = await http.sample(`http://127.0.0.1:${port}/`, PATIENT);
  assert.deepEqual(sample.headers, { "x-cache": "MISS", "content-length": "0" });
});

test("every sample has a connection of its own", async (t) => {
  const { port, connections } = await listenRaw(t, (socket) => {
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  });
  for (let count = 1; count <= 3; count++) {
    await http.sample(`http://127.0.0.1:${port}/`, PATIENT);
    assert.equal(connections(), count);
  }
});

test("a port nobody listens on is a refused connection", async () => {
  const sample = await http.sample("http://127.0.0.1:1/", PATIENT);
  assert.deepEqual(sample.error, {
    phase: "connect",
    code: "ECONNREFUSED",
    message: "127.0.0.1:1 refused the connection: nothing listens there",
  });
  assert.equal(sample.address, undefined);
});

test("a name that does not exist fails in DNS", async () => {
  const sample = await http.sample("http://shop.invalid/", PATIENT);
  assert.equal(sample.status, null);
  assert.equal(sample.error?.phase, "dns");
  assert.match(sample.error?.code ?? "", /^(ENOTFOUND|EAI_AGAIN)$/);
});

test("a pinned address is asked for the URL's host, and its port wins", async (t) => {
  let request = "";
  const { port } = await listenRaw(t, (socket) => {
    socket.once("data", (bytes) => {
      request = bytes.toString();
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
  });
  for (const [url, address] of [
    ["http://shop.invalid/", `127.0.0.1:${port}`],
    [`http://shop.invalid:${port}/`, "127.0.0.1"],
    [`http://shop.invalid:${port}/`, "localhost"],
  ] as const) {
    const sample = await http.sample(url, { ...PATIENT, address });
    assert.deepEqual(
      [sample.status, sample.via, sample.address],
      [200, { pinned: address }, `127.0.0.1:${port}`],
    );
    assert.match(request, new RegExp(`^host: ${new URL(url).host}\r$`, "m"));
  }
});

test("whoever aborts gets the rejection, and the connection is gone", async (t) => {
  const arrived = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const { port } = await listenRaw(t, (socket) => {
    socket.on("close", () => closed.resolve());
    socket.once("data", () => arrived.resolve());
  });
  const controller = new AbortController();
  const sample = http.sample(`http://127.0.0.1:${port}/`, { ...PATIENT, signal: controller.signal });
  await arrived.promise;
  controller.abort(new Error("stopped by the operator"));
  await assert.rejects(sample, /stopped by the operator/);
  await closed.promise;
});

let authority: Authority;
before((t) => {
  assert.ok("after" in t);
  authority = makeAuthority(temporaryDirectory(t));
});

for (const { what, names, days, url, trusted, problem } of [
  { what: "a good certificate", names: "DNS:localhost", url: "localhost", trusted: true },
  {
    what: "a certificate of an authority nobody knows",
    names: "DNS:localhost",
    url: "localhost",
    problem: /^UNABLE_TO_VERIFY_LEAF_SIGNATURE: /,
  },
  {
    what: "an expired certificate",
    names: "DNS:localhost",
    days: -1,
    url: "localhost",
    trusted: true,
    problem: /^CERT_HAS_EXPIRED: /,
  },
  {
    what: "a certificate for another name",
    names: "DNS:other.test",
    url: "localhost",
    trusted: true,
    problem: /^ERR_TLS_CERT_ALTNAME_INVALID: /,
  },
  { what: "a certificate for an address", names: "IP:127.0.0.1", url: "127.0.0.1", trusted: true },
]) {
  test(`${what} is described, and the status behind it is seen`, async (t) => {
    const identity = authority.issue({ names, ...(days === undefined ? {} : { days }) });
    const servernames: unknown[] = [];
    const { port } = await listenRaw(t, answer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), {
      ...identity,
      SNICallback: (name, done) => {
        servernames.push(name);
        done(null);
      },
    });
    const trusting = createHttp({ version: "0", authorities: trusted ? [authority.certificate] : [] });
    const { status, error, tls, phasesMs } = await trusting.sample(`https://${url}:${port}/`, {
      ...PATIENT,
      address: "127.0.0.1",
    });
    assert.equal(status, 502);
    assert.equal(error, undefined);
    assert.equal(tls?.protocol, "TLSv1.3");
    assert.match(tls?.cipher ?? "", /^TLS_/);
    assert.equal(tls?.subject, "O=Test Shop, CN=shop.test");
    assert.equal(tls?.issuer, "CN=Test Authority");
    assert.deepEqual(tls?.names, [names.replace(/^\w+:/, "")]);
    assert.equal(new Date(tls?.notAfter ?? "") > new Date(), days === undefined);
    assert.equal(tls?.trusted, problem === undefined);
    assert.match(tls?.problem ?? "", problem ?? /^$/);
    assert.ok(phasesMs.tls !== undefined);
    assert.deepEqual(servernames, url === "localhost" ? ["localhost"] : []);
  });
}

test("https to a port that speaks plain HTTP fails in TLS", async (t) => {
  const { port } = await listenRaw(t, answer("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const { error, address } = await http.sample(`https://127.0.0.1:${port}/`, PATIENT);
  assert.equal(error?.phase, "tls");
  assert.equal(error?.message, `127.0.0.1:${port} does not speak TLS on this port`);
  assert.equal(address, `127.0.0.1:${port}`);
});

test("a TLS handshake without an answer ends at the deadline, one cut short at once", async (t) => {
  const silent = await listenRaw(t, (socket) => socket.resume());
  assert.deepEqual((await http.sample(`https://127.0.0.1:${silent.port}/`, IMPATIENT)).error, {
    phase: "tls",
    code: "ETIMEDOUT",
    message: `127.0.0.1:${silent.port} did not finish the TLS handshake within 0.15 s`,
  });
  const closing = await listenRaw(t, (socket) => socket.once("data", () => socket.destroy()));
  const { error } = await http.sample(`https://127.0.0.1:${closing.port}/`, PATIENT);
  assert.deepEqual([error?.phase, error?.code], ["tls", "ECONNRESET"]);
});

/** Writes `start`, then `drop` again and again. */
function drip(start: string, drop: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(start);
    const timer = setInterval(() => socket.write(drop), 5);
    socket.on("close", () => clearInterval(timer));
  };
}
