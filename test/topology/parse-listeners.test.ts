import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderAddress } from "../../src/topology/address.ts";
import { parseListeners } from "../../src/topology/parse-listeners.ts";

/** iproute2 6.1, run as root on Debian 12. */
const TCP = `LISTEN 0      7               127.0.0.1:56673 0.0.0.0:* users:(("python3",pid=19403,fd=3))
LISTEN 3      511               0.0.0.0:80    0.0.0.0:* users:(("nginx",pid=701,fd=6),("nginx",pid=700,fd=6),("nginx",pid=701,fd=8))
LISTEN 0      128               0.0.0.0:2024  0.0.0.0:*
LISTEN 0      7                   [::1]:44789    [::]:* users:(("python3",pid=19403,fd=5))
LISTEN 0      7                    [::]:33321    [::]:* users:(("python3",pid=19403,fd=7))
LISTEN 0      7                       *:49343       *:* users:(("python3",pid=19403,fd=6))
LISTEN 0      4096        127.0.0.53%lo:53       0.0.0.0:* users:(("systemd-resolve",pid=401,fd=14))
LISTEN 0      128    [fe80::1]%eth0:546          [::]:*
LISTEN 0      7      [::ffff:127.0.0.1]:47085       *:* users:(("python3",pid=19403,fd=8))`;

const UNIX = `u_str LISTEN 0      7      /tmp/x y.sock 27584 * 0 users:(("python3",pid=19403,fd=9))
u_str LISTEN 12      511  /run/php/php8.2-fpm.sock 30127 * 0 users:(("php-fpm8.2",pid=801,fd=10),("php-fpm8.2",pid=800,fd=8))
u_str LISTEN 0      7               @abs 27585 * 0
u_dgr UNCONN 0      0      /run/systemd/notify 1234 * 0 users:(("systemd",pid=1,fd=20))
u_seq LISTEN 0      4096   /run/udev/control 11113 * 0`;

test("TCP listeners keep the wildcards of ss apart and lose the interface", () => {
  assert.deepEqual(
    parseListeners(TCP).map(({ address }) => renderAddress(address)),
    [
      "127.0.0.1:56673",
      "0.0.0.0:80",
      "0.0.0.0:2024",
      "[::1]:44789",
      "[::]:33321",
      "*:49343",
      "127.0.0.53:53",
      "[fe80::1]:546",
      "[::ffff:127.0.0.1]:47085",
    ],
  );
});

test("each process of a listener is named once, and its queue is kept", () => {
  const [, nginx] = parseListeners(TCP);
  assert.deepEqual(nginx, {
    address: { kind: "tcp", host: "0.0.0.0", port: 80 },
    recvQ: 3,
    sendQ: 511,
    processes: [
      { comm: "nginx", pid: 701 },
      { comm: "nginx", pid: 700 },
    ],
  });
});

test("unix listeners keep blanks in their path; datagram sockets are no listeners", () => {
  assert.deepEqual(
    parseListeners(UNIX).map(({ address, recvQ, processes }) => [
      renderAddress(address),
      recvQ,
      processes.length,
    ]),
    [
      ["unix:/tmp/x y.sock", 0, 1],
      ["unix:/run/php/php8.2-fpm.sock", 12, 2],
      ["unix:@abs", 0, 0],
      ["unix:/run/udev/control", 0, 0],
    ],
  );
});

test("the double-stack wildcard of old releases is the one of new ones", () => {
  const [listener] = parseListeners("LISTEN     0      128         :::80                      :::*");
  assert.deepEqual(listener?.address, { kind: "tcp", host: "*", port: 80 });
});

test("a program's name cannot invent a process", () => {
  const [listener] = parseListeners(
    'LISTEN 0 7 *:80 *:* users:(("x",fd=1),("y",pid=5,fd=3),("a\\",pid=6",pid=7,fd=4))',
  );
  assert.ok(listener?.processes.every(({ pid }) => Number.isSafeInteger(pid)));
});

test("no output makes it throw", () => {
  const words = fc.constantFrom(
    "LISTEN",
    "u_str",
    "*",
    "0",
    ":",
    "[",
    "]",
    "%",
    'users:(("',
    '",pid=',
    " ",
    "/run/x",
    "\n",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((parts) => parts.join(" ")),
      ),
      (output) => {
        for (const { recvQ, sendQ } of parseListeners(output)) assert.ok(recvQ >= 0 && sendQ >= 0);
      },
    ),
  );
});
