import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalIp,
  canonicalSocketPath,
  parseAddress,
  renderAddress,
  servesTcp,
} from "../../src/topology/address.ts";

test("a listener serves what its address covers and nothing else", () => {
  const cases: readonly (readonly [bound: string, ip: string | undefined, served: boolean])[] = [
    ["0.0.0.0", "10.0.0.2", true],
    ["0.0.0.0", "127.0.0.1", true],
    ["0.0.0.0", "::1", false],
    ["*", "10.0.0.2", true],
    ["*", "::1", true],
    ["::", "::1", true],
    ["::", "127.0.0.1", false],
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "10.0.0.2", false],
    ["127.0.0.1", undefined, false],
    ["::1", "127.0.0.1", false],
    ["10.0.0.2", "127.0.0.1", false],
    ["10.0.0.2", undefined, true],
    ["::ffff:127.0.0.1", "127.0.0.1", true],
    ["FD00:0::2", "fd00::2", true],
    ["localhost", "127.0.0.1", true],
    ["localhost", "10.0.0.2", false],
  ];
  for (const [host, ip, served] of cases) {
    assert.equal(servesTcp({ kind: "tcp", host, port: 80 }, ip, 80), served, `${host} ${ip}`);
  }
  assert.equal(servesTcp({ kind: "tcp", host: "*", port: 80 }, "10.0.0.2", 81), false);
});

test("addresses are read in every form configurations use", () => {
  const cases = [
    ["127.0.0.1:8000", "127.0.0.1:8000"],
    ["[::1]:8000", "[::1]:8000"],
    [":8000", "*:8000"],
    ["8000", "*:8000"],
    ["unix:/run/a.sock", "unix:/run/a.sock"],
    ["/run/a.sock", "unix:/run/a.sock"],
    ["localhost:8000", "localhost:8000"],
    ["127.0.0.1", undefined],
    ["app:99999", undefined],
    ["", undefined],
  ] as const;
  for (const [text, expected] of cases) {
    const address = parseAddress(text);
    assert.equal(address === undefined ? undefined : renderAddress(address), expected, text);
  }
});

test("one IP has one spelling", () => {
  assert.equal(canonicalIp("[2001:DB8:0:0::1]"), "2001:db8::1");
  assert.equal(canonicalIp("::ffff:10.0.0.2"), "10.0.0.2");
  assert.equal(canonicalIp("fe80::1%eth0"), "fe80::1");
  assert.equal(canonicalIp("app1"), undefined);
  assert.equal(canonicalSocketPath("/var/run/a.sock"), "/run/a.sock");
});

test("what was read and written again is the same address", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      const address = { kind: "tcp", host, port } as const;
      assert.deepEqual(parseAddress(renderAddress(address)), address);
    }),
  );
});
