import assert from "node:assert/strict";
import { test } from "node:test";
import { readFilters } from "../../src/classify/read-filters.ts";

const INPUT = { family: "inet", table: "filter", name: "input", hook: "input", policy: "accept" };

const accept = { accept: null };
const drop = { drop: null };
const reject = { reject: { type: "tcp reset" } };
const counter = { counter: { packets: 7, bytes: 420 } };

function match(left: object, right: unknown, op = "==") {
  return { match: { op, left, right } };
}

function payload(protocol: string, field: string, right: unknown, op?: string) {
  return match({ payload: { protocol, field } }, right, op);
}

const toPort = (right: unknown, op?: string) => payload("tcp", "dport", right, op);

/** Rules of one chain, as `nft -j list ruleset` (1.0.6) prints them. */
function read(rules: readonly (readonly object[])[], chain: object = INPUT, others: readonly object[] = []) {
  const text = JSON.stringify({
    nftables: [
      { metainfo: { version: "1.0.6", json_schema_version: 1 } },
      { table: { family: "inet", name: "filter" } },
      { chain },
      ...rules.map((expr) => ({ rule: { family: "inet", table: "filter", chain: "input", expr } })),
      ...others,
    ],
  });
  return readFilters(text, { host: "origin-1", find: () => "f1" });
}

const REFUSING: readonly { readonly name: string; readonly rule: object[]; readonly ports: string[] }[] = [
  { name: "one port", rule: [toPort(3000), counter, drop], ports: ["3000-3000"] },
  {
    name: "a set",
    rule: [toPort({ set: [80, 443, { range: [8000, 8010] }] }), drop],
    ports: ["80-80", "443-443", "8000-8010"],
  },
  { name: "a wide range", rule: [toPort({ range: [1024, 65535] }), reject], ports: ["1024-65535"] },
  { name: "any transport protocol's port", rule: [payload("th", "dport", 3000), drop], ports: ["3000-3000"] },
  { name: "everything", rule: [drop], ports: [] },
  { name: "all of TCP", rule: [match({ meta: { key: "l4proto" } }, "tcp"), drop], ports: [] },
  {
    name: "new connections",
    rule: [match({ ct: { key: "state" } }, ["new", "untracked"], "in"), toPort(3000), drop],
    ports: ["3000-3000"],
  },
  {
    name: "a port from one address",
    rule: [payload("ip", "saddr", "192.0.2.10"), toPort(3000), drop],
    ports: ["3000-3000"],
  },
];

for (const { name, rule, ports } of REFUSING) {
  test(`a filter rule that refuses ${name} counts for those ports`, () => {
    const [read1, ...more] = read([rule]);
    assert.ok(read1);
    assert.equal(more.length, 0);
    assert.deepEqual(
      read1.ports.map(({ from, to }) => `${from}-${to}`),
      ports,
    );
    assert.equal(read1.verdict, rule.includes(reject) ? "reject" : "drop");
    assert.equal(read1.chain, "inet filter input");
    assert.equal(read1.hook, "input");
  });
}

const HARMLESS: readonly { readonly name: string; readonly rule: object[] }[] = [
  { name: "UDP", rule: [payload("udp", "dport", 3000), drop] },
  { name: "UDP as a whole", rule: [match({ meta: { key: "l4proto" } }, "udp"), drop] },
  { name: "everything but TCP", rule: [match({ meta: { key: "l4proto" } }, "tcp", "!="), drop] },
  { name: "ICMP", rule: [payload("ip", "protocol", "icmp"), drop] },
  { name: "invalid packets", rule: [match({ ct: { key: "state" } }, "invalid", "in"), drop] },
  {
    name: "odd flags",
    rule: [
      match({ "&": [{ payload: { protocol: "tcp", field: "flags" } }, ["fin", "syn"]] }, ["fin", "syn"]),
      drop,
    ],
  },
  { name: "one banned address", rule: [payload("ip", "saddr", "203.0.113.9"), drop] },
  { name: "another interface", rule: [match({ meta: { key: "oifname" } }, "docker0"), drop] },
  { name: "a set whose members are not in the rule", rule: [toPort("@banned"), drop] },
  {
    name: "what only an extension of iptables can tell",
    rule: [{ xt: { type: "match", name: "multiport" } }, drop],
  },
  { name: "nothing, since it accepts", rule: [toPort(3000), accept] },
];

for (const { name, rule } of HARMLESS) {
  test(`a filter rule about ${name} refuses no request`, () => {
    assert.deepEqual(read([rule]), []);
  });
}

test("a rule about every port but some leaves those out", () => {
  const [rule] = read([[toPort({ set: [22, 3000] }, "!="), drop]]);
  assert.deepEqual(rule?.ports, []);
  assert.deepEqual(rule?.exceptPorts, [
    { from: 22, to: 22 },
    { from: 3000, to: 3000 },
  ]);
});

test("what an earlier rule accepts does not come to the policy, nor to a last rule that rejects the rest", () => {
  const rules = read([[toPort(3000), accept], [reject], [toPort(4000), accept]], {
    ...INPUT,
    policy: "drop",
  });
  const excepted = rules.map(({ exceptPorts }) => exceptPorts.map(({ from }) => from));
  assert.deepEqual(excepted, [[3000], [3000, 4000]]);
  assert.match(rules[1]?.text ?? "", /policy drop/);
});

test("what a chain that others jump to accepts does not come to the policy", () => {
  const user = { family: "inet", table: "filter", name: "user-input" };
  const [policy] = read([], { ...INPUT, policy: "drop" }, [
    { chain: user },
    { rule: { family: "inet", table: "filter", chain: "user-input", expr: [toPort(3000), accept] } },
  ]);
  assert.deepEqual(policy?.exceptPorts, [{ from: 3000, to: 3000 }]);
});

test("forwarded traffic is no traffic to the service", () => {
  assert.deepEqual(read([[drop]], { ...INPUT, hook: "forward", policy: "drop" }), []);
});

test("a filter is quoted with its ports and counter", () => {
  const [rule] = read([[toPort(3000), counter, reject]]);
  assert.equal(rule?.text, "input: tcp dport 3000 counter packets 7 reject with tcp reset");
});

for (const text of [
  "",
  "permission denied",
  "{",
  "[]",
  '{"nftables": 1}',
  '{"nftables": [{"rule": {"expr": 1}}, null]}',
]) {
  test(`no filter is read from ${JSON.stringify(text)}`, () => {
    assert.deepEqual(readFilters(text, { host: "origin-1", find: () => "f1" }), []);
  });
}
