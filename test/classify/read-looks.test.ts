import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../src/classify/diagnosis.ts";
import {
  readConnect,
  readDirect,
  readName,
  readOpenFiles,
  readSocketPath,
  readTls,
} from "../../src/classify/read-looks.ts";
import type { ProbeOutcome } from "../../src/playbook/probe-result.ts";
import type { UpstreamHop } from "../../src/topology/target.ts";
import { result } from "../topology/site.ts";
import { bashSays, look } from "./evidence.ts";

const app: UpstreamHop = {
  member: {
    label: "app.internal:3000",
    address: { kind: "tcp", host: "app.internal", port: 3000 },
    backup: false,
    down: false,
  },
  host: "origin-1",
  resolved: ["192.0.2.20"],
  listening: "yes",
};
const socket: UpstreamHop = {
  ...app,
  member: { ...app.member, address: { kind: "unix", path: "/run/php/fpm.sock" } },
};
const there = { ip: "192.0.2.20", port: "3000" };

/** Findings by id, so that a test can see what is quoted. */
function notebook() {
  const findings: Omit<Finding, "id">[] = [];
  return {
    find: (finding: Omit<Finding, "id">) => `f${findings.push(finding)}`,
    quote: () => findings.at(-1)?.quote,
    summary: () => findings.at(-1)?.summary,
  };
}

const TIMED_OUT: ProbeOutcome = { kind: "timed-out", timeoutMs: 4000 };

test("a connection that came about says how long it took", () => {
  const { find } = notebook();
  const connect = readConnect(
    [look("edge-1", "linux-host.upstream-connect", "seconds 0.012\n", { params: there })],
    app,
    find,
  );
  assert.deepEqual(connect, { outcome: "connected", ms: 12, finding: "f1" });
});

for (const [text, outcome] of [
  ["Connection refused", "refused"],
  ["No route to host", "unreachable"],
  ["Network is unreachable", "no-route"],
  ["Invalid argument", "no-route"],
  ["Permission denied", "denied"],
  ["Operation not permitted", "denied"],
  ["Connection timed out", "timed-out"],
  ["Cannot assign requested address", "failed"],
] as const) {
  test(`a connection that ends with "${text}" is ${outcome}`, () => {
    const { find, quote } = notebook();
    const look1 = look("edge-1", "linux-host.upstream-connect", bashSays(text, "3.076"), {
      params: there,
      exitCode: 1,
    });
    const connect = readConnect([look1], app, find);
    assert.equal(connect?.outcome, outcome);
    assert.equal(connect?.ms, 3076);
    assert.equal(quote(), outcome === "failed" ? undefined : `connect: connect: ${text}`);
  });
}

test("a connection that was still waiting when its look ended is timed out", () => {
  const waiting = result("edge-1", "linux-host.upstream-connect", "", {
    params: there,
    round: 2,
    outcome: TIMED_OUT,
  });
  assert.equal(readConnect([waiting], app, notebook().find)?.outcome, "timed-out");
});

for (const outcome of [
  { kind: "denied", need: "x" },
  { kind: "missing", what: "bash" },
  { kind: "no-answer", reason: "lost" },
] satisfies ProbeOutcome[]) {
  test(`a connection that could not be tried (${outcome.kind}) says nothing of the service`, () => {
    const untried = result("edge-1", "linux-host.upstream-connect", "", { params: there, round: 2, outcome });
    assert.equal(readConnect([untried], app, notebook().find), undefined);
  });
}

test("a look at another address says nothing of this one", () => {
  const other = look("edge-1", "linux-host.upstream-connect", "seconds 0.001\n", {
    params: { ...there, port: "3001" },
  });
  assert.equal(readConnect([other], app, notebook().find), undefined);
});

for (const { name, exitCode, said, output, status } of [
  {
    name: "a complete answer",
    exitCode: 0,
    said: "HTTP/1.1 404 Not Found",
    output: "HTTP/1.1 404 Not Found\r\nDate: now\n\n\nstatus 404\nheader_bytes 122\ntotal_seconds 0.039\n",
    status: 404,
  },
  {
    name: "no answer before the connection closed",
    exitCode: 52,
    said: "curl: (52) Empty reply from server",
    output: "curl: (52) Empty reply from server\n\nstatus 000\nheader_bytes 0\ntotal_seconds 0.039\n",
    status: null,
  },
  {
    name: "a reset",
    exitCode: 56,
    said: "curl: (56) Recv failure: Connection reset by peer",
    output: "curl: (56) Recv failure: Connection reset by peer\n\nstatus 000\ntotal_seconds 0.039\n",
    status: null,
  },
  {
    name: "silence",
    exitCode: 28,
    said: "curl: (28) Operation timed out after 6000 milliseconds with 0 bytes received",
    output:
      "curl: (28) Operation timed out after 6000 milliseconds with 0 bytes received\n\nstatus 000\ntotal_seconds 0.039\n",
    status: null,
  },
]) {
  test(`a direct request that met ${name} keeps curl's exit status and its words`, () => {
    const { find, quote } = notebook();
    const direct = readDirect(
      [look("edge-1", "linux-host.upstream-request", output, { params: there, exitCode })],
      app,
      find,
    );
    assert.equal(direct?.status, status);
    assert.equal(direct?.exitCode, exitCode);
    assert.equal(quote(), said);
  });
}

test("a header of the application cannot pose as what curl measured", () => {
  const output = "HTTP/1.1 200 OK\nstatus 502\nheader_bytes 99999\n\nstatus 200\nheader_bytes 80\n";
  const direct = readDirect(
    [look("edge-1", "linux-host.upstream-request", output, { params: there })],
    app,
    notebook().find,
  );
  assert.equal(direct?.status, 200);
  assert.equal(direct?.headerBytes, 80);
});

test("a direct request that outlived its look counts as silence", () => {
  const hung = result("edge-1", "linux-host.upstream-request", "", {
    params: there,
    round: 2,
    outcome: TIMED_OUT,
  });
  const direct = readDirect([hung], app, notebook().find);
  assert.equal(direct?.exitCode, 28);
  assert.equal(direct?.status, null);
});

test("a request to a unix socket is found by the socket", () => {
  const results = [
    look("edge-1", "linux-host.upstream-request-unix", "\nstatus 200\n", {
      params: { socket: "/run/php/fpm.sock" },
    }),
  ];
  assert.equal(readDirect(results, socket, notebook().find)?.status, 200);
});

const ESTABLISHED =
  "CONNECTION ESTABLISHED\nProtocol version: TLSv1.3\nCiphersuite: TLS_AES_256_GCM_SHA384\n";
for (const { name, output, outcome, problem, quoted } of [
  {
    name: "completes",
    output: `${ESTABLISHED}Verification: OK\n`,
    outcome: "ok",
    quoted: "Protocol version: TLSv1.3",
  },
  {
    name: "meets a port without TLS",
    output:
      "80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:350:\n",
    outcome: "not-tls",
    quoted:
      "80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:350:",
  },
  {
    name: "ends with an alert",
    output:
      "80:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:rec_layer_s3.c:1586:SSL alert number 70\n",
    outcome: "handshake-failed",
    quoted:
      "80:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:rec_layer_s3.c:1586:SSL alert number 70",
  },
  {
    name: "shows an expired certificate",
    output: `depth=0 CN = app\nverify error:num=10:certificate has expired\n${ESTABLISHED}Verification error: certificate has expired\n`,
    outcome: "certificate-bad",
    problem: "certificate has expired",
    quoted: "Verification error: certificate has expired",
  },
  {
    name: "shows a self-signed certificate",
    output: `${ESTABLISHED}Verification error: self-signed certificate\n`,
    outcome: "certificate-bad",
    problem: "self-signed certificate",
    quoted: "Verification error: self-signed certificate",
  },
  {
    name: "is cut off by the other side",
    output:
      "80:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:../ssl/record/rec_layer_s3.c:318:\n",
    outcome: "closed",
    quoted:
      "80:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:../ssl/record/rec_layer_s3.c:318:",
  },
  { name: "is reset", output: "write:errno=104\n", outcome: "closed", quoted: "write:errno=104" },
]) {
  test(`a handshake that ${name} is ${outcome}`, () => {
    const { find, quote } = notebook();
    const tls = readTls(
      [look("edge-1", "linux-host.upstream-handshake", output, { params: there })],
      app,
      find,
    );
    assert.equal(tls?.outcome, outcome);
    assert.equal(tls?.problem, problem);
    assert.equal(quote(), quoted);
  });
}

for (const output of [
  "80:error:8000006F:system library:BIO_connect:Connection refused:../crypto/bio/bio_sock2.c:117:calling connect()\nconnect:errno=111\n",
  "80:error:80000071:system library:BIO_connect:No route to host:../crypto/bio/bio_sock2.c:117:calling connect()\nconnect:errno=113\n",
]) {
  test(`no TLS is judged where no connection came about: ${output.slice(45, 62)}`, () => {
    const tls = readTls(
      [look("edge-1", "linux-host.upstream-handshake", output, { params: there, exitCode: 1 })],
      app,
      notebook().find,
    );
    assert.equal(tls, undefined);
  });
}

test("a name has the addresses the proxy's host gets for it, or none", () => {
  const ask = (output: string, exitCode: number) =>
    readName(
      [look("edge-1", "linux-host.upstream-name", output, { params: { name: "app.internal" }, exitCode })],
      app,
      notebook().find,
    );
  assert.deepEqual(ask("192.0.2.21      STREAM app.internal\n192.0.2.21      DGRAM  \n", 0)?.addresses, [
    "192.0.2.21",
  ]);
  assert.deepEqual(ask("", 2)?.addresses, []);
});

const OPEN_WAY = "drwxr-xr-x root     root     /\ndrwxr-xr-x root     root     run\n";
for (const { name, rows, user, blocked } of [
  {
    name: "a socket for its own user",
    rows: `${OPEN_WAY}srw-rw---- www-data www-data fpm.sock`,
    user: "www-data",
    blocked: false,
  },
  {
    name: "a socket for its group",
    rows: `${OPEN_WAY}srw-rw---- app      www-data fpm.sock`,
    user: "www-data",
    blocked: false,
  },
  {
    name: "a socket for everybody",
    rows: `${OPEN_WAY}srw-rw-rw- root     root     fpm.sock`,
    user: "www-data",
    blocked: false,
  },
  {
    name: "another's socket",
    rows: `${OPEN_WAY}srw-rw---- root     root     fpm.sock`,
    user: "www-data",
    blocked: true,
  },
  {
    name: "another's socket, for root",
    rows: `${OPEN_WAY}srw-rw---- app      app      fpm.sock`,
    user: "root",
    blocked: false,
  },
  {
    name: "a closed directory",
    rows: `${OPEN_WAY}drwxr-x--- app      app      php\nsrw-rw-rw- root root fpm.sock`,
    user: "www-data",
    blocked: true,
  },
  {
    name: "an access list, which the modes do not show",
    rows: `${OPEN_WAY}srw-rw----+ root root fpm.sock`,
    user: "www-data",
    blocked: false,
  },
]) {
  test(`modes along a socket's path: ${name} is ${blocked ? "closed" : "open"} to ${user}`, () => {
    const results = [
      look("edge-1", "linux-host.upstream-socket", `f: /run/php/fpm.sock\n${rows}\n`, {
        params: { path: "/run/php/fpm.sock" },
      }),
    ];
    const path = readSocketPath(results, { hop: socket, find: notebook().find, user });
    assert.equal(path?.blockedFor, blocked ? user : undefined);
  });
}

test("a socket that is not there is said to be missing", () => {
  const { find, quote, summary } = notebook();
  const rows = `f: /run/php/fpm.sock\n${OPEN_WAY}                         php - No such file or directory\n`;
  const results = [
    look("edge-1", "linux-host.upstream-socket", rows, {
      params: { path: "/run/php/fpm.sock" },
      exitCode: 1,
    }),
  ];
  readSocketPath(results, { hop: socket, find, user: "www-data" });
  assert.equal(summary(), "/run/php/fpm.sock does not exist.");
  assert.equal(quote(), "php - No such file or directory");
});

test("open files are counted against the limit of the process that is nearest to it", () => {
  const process = { ppid: 1, user: "app", ageSeconds: 9, state: "S", rssKiB: 1, comm: "node", args: "node" };
  const hop: UpstreamHop = {
    ...app,
    owner: {
      manager: "systemd",
      processes: [
        { ...process, pid: 301 },
        { ...process, pid: 302 },
      ],
      by: "listener",
      declaredAddresses: [],
      logs: [],
      settings: {},
    },
  };
  const files = (pid: string, count: number) => [
    look(
      "origin-1",
      "linux-host.service-open-files",
      Array.from({ length: count }, (_, n) => `${n}\n`).join(""),
      { params: { pid } },
    ),
    look(
      "origin-1",
      "linux-host.service-limits",
      "Max open files            64                   64                   files\n",
      { params: { pid } },
    ),
  ];
  const results = [...files("301", 12), ...files("302", 63), ...files("999", 64)];
  const { find, summary } = notebook();
  const openFiles = readOpenFiles(results, hop, find);
  assert.deepEqual([openFiles?.used, openFiles?.limit], [63, 64]);
  assert.equal(summary(), "Process 302 holds 63 of 64 open files.");
});
