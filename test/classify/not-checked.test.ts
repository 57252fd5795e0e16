import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeOutcome } from "../../src/playbook/probe-result.ts";
import { result } from "../topology/site.ts";
import { diagnose, type Seen } from "./evidence.ts";

function notChecked(seen: Seen) {
  return diagnose(seen).notChecked;
}

function without(host: string, probe: string, outcome: ProbeOutcome): Seen {
  return { results: [result(host, probe, "", { outcome })] };
}

const SUDO = "diag ALL=(root) NOPASSWD: /usr/sbin/nft -j list ruleset";
for (const { name, outcome, gap } of [
  {
    name: "needs a right",
    outcome: { kind: "denied", need: SUDO },
    gap: { reason: "permission", fix: SUDO },
  },
  { name: "hung", outcome: { kind: "timed-out", timeoutMs: 5000 }, gap: { reason: "no answer within 5 s" } },
  {
    name: "was lost",
    outcome: { kind: "no-answer", reason: "the connection was lost" },
    gap: { reason: "the connection was lost" },
  },
] satisfies { name: string; outcome: ProbeOutcome; gap: object }[]) {
  test(`a look that ${name} is a gap, with the reason and the fix there is`, () => {
    assert.deepEqual(notChecked(without("origin-1", "linux-host.firewall-nft", outcome)), [
      { check: "packet filter rules (nftables)", host: "origin-1", ...gap },
    ]);
  });
}

for (const outcome of [
  { kind: "missing", what: "nft" },
  { kind: "exited", exitCode: 1 },
] satisfies ProbeOutcome[]) {
  test(`a look that ended as ${outcome.kind} is no gap`, () => {
    assert.deepEqual(notChecked(without("origin-1", "linux-host.firewall-nft", outcome)), []);
  });
}

test("only looks for products that have a part in the site are gaps", () => {
  const denied: ProbeOutcome = { kind: "denied", need: "a line in sudoers" };
  assert.deepEqual(notChecked(without("edge-1", "apache.vhosts", denied)), []);
  const [gap] = notChecked(without("edge-1", "nginx.error-log", denied));
  assert.equal(gap?.check, "nginx error log");
});

test("a gap that several looks share is told once", () => {
  const outcome: ProbeOutcome = { kind: "denied", need: "a line in sudoers" };
  const twice = ["#1", "#2"].map((id) => ({
    ...result("origin-1", "linux-host.service-journal", "", { outcome }),
    id,
  }));
  assert.equal(notChecked({ results: twice }).length, 1);
});

test("a host that was not reached is a gap with what to do about it", () => {
  const failure = { kind: "auth-refused", reason: "diag was refused.", hint: "Add the key." } as const;
  const [gap] = notChecked({ visits: { "origin-1": { status: "unreachable", failure } } });
  assert.deepEqual(gap, { check: "ssh", host: "origin-1", reason: "diag was refused.", fix: "Add the key." });
  const [lost] = notChecked({
    visits: { "origin-1": { status: "lost", reason: "the connection was reset" } },
  });
  assert.deepEqual(lost, { check: "ssh", host: "origin-1", reason: "the connection was reset" });
});

test("a proxy whose configuration does not lead to the site is a gap that says so", () => {
  const [gap] = notChecked({ nginxConfig: "" });
  assert.equal(gap?.check, "topology");
  assert.equal(gap.host, "edge-1");
  assert.notEqual(gap.reason, "");
});

test("an upstream's silence is what was to be seen, and no gap", () => {
  const outcome: ProbeOutcome = { kind: "timed-out", timeoutMs: 4000 };
  assert.deepEqual(notChecked(without("edge-1", "linux-host.upstream-connect", outcome)), []);
});

test("a host that could not be reached is one gap, whatever was to be looked at on it", () => {
  const outcome: ProbeOutcome = { kind: "no-answer", reason: "refused" };
  const failure = {
    kind: "refused",
    reason: "diag@origin-1:22: refused.",
    hint: "Is sshd running there?",
  } as const;
  const gaps = notChecked({
    results: ["linux-host.listeners", "linux-host.processes"].map((probe) =>
      result("origin-1", probe, "", { outcome }),
    ),
    visits: { "origin-1": { status: "unreachable", failure } },
  });
  assert.deepEqual(gaps, [{ check: "ssh", host: "origin-1", reason: failure.reason, fix: failure.hint }]);
});
