import assert from "node:assert/strict";
import { test } from "node:test";
import { readFilters } from "../../src/classify/read-filters.ts";
import { readBarredRoutes } from "../../src/classify/read-routes.ts";

const find = () => "f1";
const options = { host: "origin-1", find };
const chain = { family: "inet", table: "filter", name: "input", hook: "input", policy: "accept" };
const dport = (right: unknown) => ({
  match: { op: "==", left: { payload: { protocol: "tcp", field: "dport" } }, right },
});
const rule = (...expr: unknown[]) => ({ rule: { family: "inet", table: "filter", chain: "input", expr } });
const ruleset = (...entries: unknown[]) =>
  JSON.stringify({ nftables: [{ metainfo: {} }, { chain }, ...entries] });

for (const [says, entries, expected] of [
  ["a drop of one port", [rule(dport(3000), { drop: null })], [{ verdict: "drop", ports: [3000] }]],
  [
    "a reject of a set",
    [rule(dport({ set: [80, 443] }), { reject: { type: "tcp reset" } })],
    [{ verdict: "reject", ports: [80, 443] }],
  ],
  [
    "a small range",
    [rule(dport({ range: [8000, 8002] }), { drop: null })],
    [{ verdict: "drop", ports: [8000, 8001, 8002] }],
  ],
  ["an accept is no filter", [rule(dport(80), { accept: null })], []],
  [
    "UDP is not asked about",
    [
      rule(
        { match: { op: "==", left: { payload: { protocol: "udp", field: "dport" } }, right: 53 } },
        { drop: null },
      ),
    ],
    [],
  ],
] as const) {
  test(`nftables: ${says}`, () => {
    const seen = readFilters(ruleset(...entries), options).map(({ verdict, ports }) => ({ verdict, ports }));
    assert.deepEqual(seen, expected);
  });
}

test("nftables: a chain that drops by policy leaves open what its rules accept", () => {
  const closed = { chain: { ...chain, policy: "drop" } };
  const text = JSON.stringify({ nftables: [closed, rule(dport({ set: [22, 80] }), { accept: null })] });
  assert.deepEqual(
    readFilters(text, options).map(({ verdict, ports, exceptPorts }) => ({ verdict, ports, exceptPorts })),
    [{ verdict: "drop", ports: [], exceptPorts: [22, 80] }],
  );
});

test("what is no ruleset has no rules", () => {
  for (const text of ["", "sudo: a password is required", "{", '{"nftables":7}']) {
    assert.deepEqual(readFilters(text, options), []);
  }
});

test("routes that forbid a destination cover its addresses and no other", () => {
  const text = JSON.stringify([
    { dst: "default", gateway: "10.0.0.1" },
    { type: "unreachable", dst: "10.77.0.20" },
    { type: "prohibit", dst: "10.88.0.0/16" },
    { dst: "10.77.0.0/24", dev: "eth0" },
  ]);
  const routes = readBarredRoutes(text, options);
  const covered = ["10.77.0.20", "10.88.3.4", "10.77.0.21"].map((host) => {
    const member = {
      label: host,
      address: { kind: "tcp" as const, host, port: 80 },
      backup: false,
      down: false,
    };
    const hop = { member, resolved: [], listening: "unknown" as const };
    return routes.some(({ covers }) => covers({ hop, label: host, lines: [] }));
  });
  assert.deepEqual(covered, [true, true, false]);
});
