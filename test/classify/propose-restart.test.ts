import assert from "node:assert/strict";
import { test } from "node:test";
import { classify } from "../../src/classify/classify.ts";
import type { Finding, RestartHelps } from "../../src/classify/diagnosis.ts";
import { proposeRestart } from "../../src/classify/propose-restart.ts";
import type { Verdict } from "../../src/classify/rule.ts";
import { makeTarget } from "../../src/topology/make-target.ts";
import type { Target } from "../../src/topology/target.ts";
import { playbooks } from "../topology/site.ts";
import {
  diagnose,
  journalLine,
  makeEvidence,
  makeFile,
  nginxLine,
  READ_TIMED_OUT,
  type Seen,
  STOPPED,
} from "./evidence.ts";

/** The proposal for a verdict about the service as it was seen, proven by one finding. */
function proposed(
  seen: Seen,
  verdict: { readonly helps: RestartHelps; readonly provenBy?: Pick<Finding, "check" | "host"> },
) {
  const { provenBy = { check: "unit-state", host: "origin-1" }, helps } = verdict;
  const file = makeFile(seen);
  const [member] = file.hops.flatMap(({ members }) => members);
  assert.ok(member);
  const proof = file.find({ ...provenBy, summary: "the proof" });
  return proposeRestart(
    {
      confidence: 0.9,
      hop: "upstream",
      summary: "",
      for: [proof],
      restart: { helps, why: "Because." },
      advice: [],
      member,
    },
    file,
  );
}

const LISTENS: Seen = { status: 504 };
const OUT_OF_FILES = journalLine(3, "node[301]", "Error: EMFILE: too many open files, open '/srv/shop.mjs'");
const queued = {
  host: "origin-1",
  probe: "linux-host.listeners",
  id: "linux-host.listeners",
  round: 1,
  params: {},
  outcome: { kind: "exited", exitCode: 0 },
  output: 'LISTEN 9      511    0.0.0.0:3000 0.0.0.0:* users:(("node",pid=301,fd=6))\n',
  truncated: false,
} as const;

for (const { name, seen, helps, recommended } of [
  { name: "a service that is down and can start", seen: STOPPED, helps: "yes", recommended: true },
  {
    name: "a service that is down for a reason that stays",
    seen: STOPPED,
    helps: "briefly",
    recommended: true,
  },
  { name: "a service that is down, where it would not help", seen: STOPPED, helps: "no", recommended: false },
  { name: "a service that serves, though slowly", seen: LISTENS, helps: "briefly", recommended: false },
  {
    name: "a service with a queue before it",
    seen: { ...LISTENS, results: [queued] },
    helps: "briefly",
    recommended: true,
  },
  {
    name: "a service without a descriptor left, which answers nobody",
    seen: { status: 502, journal: [OUT_OF_FILES] },
    helps: "briefly",
    recommended: true,
  },
  {
    name: "a service that had none left and answers",
    seen: { status: 200, journal: [OUT_OF_FILES] },
    helps: "briefly",
    recommended: false,
  },
  {
    name: "a service with a queue before it, where it would not help",
    seen: { ...LISTENS, results: [queued] },
    helps: "no",
    recommended: false,
  },
  {
    name: "a unit that its manager restarts all the time",
    seen: { ...STOPPED, unit: { ActiveState: "activating", SubState: "auto-restart", NRestarts: "9" } },
    helps: "briefly",
    recommended: false,
  },
  {
    name: "a unit that is starting already",
    seen: { ...STOPPED, unit: { ActiveState: "activating", SubState: "start" } },
    helps: "briefly",
    recommended: false,
  },
  {
    name: "a unit its manager gave up",
    seen: { ...STOPPED, unit: { ActiveState: "failed", SubState: "failed", Result: "start-limit-hit" } },
    helps: "briefly",
    recommended: false,
  },
  {
    name: "a masked unit",
    seen: { ...STOPPED, unit: { ...STOPPED.unit, LoadState: "masked" } },
    helps: "briefly",
    recommended: false,
  },
  {
    name: "a unit that takes another service along",
    seen: { ...STOPPED, unit: { ...STOPPED.unit, BoundBy: "queue.service shop.target" } },
    helps: "yes",
    recommended: false,
  },
] satisfies { name: string; seen: Seen; helps: RestartHelps; recommended: boolean }[]) {
  test(`a restart is ${recommended ? "recommended" : "not recommended"} for ${name} (helps: ${helps})`, () => {
    const proposal = proposed(seen, { helps });
    assert.equal(proposal?.unit, "shop.service");
    assert.equal(proposal.host, "origin-1");
    assert.equal(proposal.recommended, recommended);
  });
}

test("a restart that would take others along names them", () => {
  const unit = { ...STOPPED.unit, BoundBy: "queue.service shop.target" };
  assert.equal(
    proposed({ ...STOPPED, unit }, { helps: "yes" })?.why,
    "Because. It would take queue.service along.",
  );
});

test("a restart of a unit that is never touched, be it by an alias, is not proposed, and the report says why", () => {
  const seen: Seen = { ...STOPPED, unit: { ...STOPPED.unit, Names: "shop.service docker.service" } };
  const { remediation, advice, cause } = diagnose(seen);
  assert.equal(cause?.id, "upstream-not-running");
  assert.equal(remediation, null);
  assert.equal(
    advice.at(-1),
    "shop.service is a container engine: whether to restart it is for a person on the host.",
  );
  assert.equal(proposed(seen, { helps: "yes" }), null);
});

test("a service whose playbook names no restart is proposed for one only where the operator names it", () => {
  const restartless = playbooks.map((playbook) => ({ ...playbook, remediations: {} }));
  const evidence = makeEvidence(STOPPED);
  const target = makeTarget({ ...evidence, playbooks: restartless });
  const judge = (service?: Target["service"]) =>
    classify({
      target: service === undefined ? target : { ...target, service },
      evidence,
      playbooks: restartless,
      durationMs: 0,
    });
  const { remediation, advice, cause } = judge();
  assert.equal(cause?.id, "upstream-not-running");
  assert.equal(remediation, null);
  assert.match(advice.at(-1) ?? "", /^shop\.service is of a kind whose playbook names no restart: /);
  assert.equal(judge({ kind: "docker", container: "web" }).remediation?.unit, "container web");
});

test("the unit that is a proxy of the site, or what the application depends on, is not restarted by any name", () => {
  const file = makeFile(STOPPED);
  const [hop] = file.hops;
  const [member] = hop?.members ?? [];
  const owner = member?.hop.owner;
  assert.ok(hop && member && owner);
  const verdict: Verdict = {
    confidence: 0.9,
    hop: "upstream",
    summary: "",
    for: [file.find({ check: "unit-state", host: "origin-1", summary: "the proof" })],
    restart: { helps: "yes", why: "Because." },
    advice: [],
    member,
  };
  assert.equal(proposeRestart(verdict, file)?.unit, "shop.service");
  const proxy = { ...hop.proxy, host: "origin-1", owner };
  const dependency = { playbook: "redis", host: "origin-1", owner, by: "sockets", listening: "no" } as const;
  assert.equal(proposeRestart(verdict, { ...file, hops: [{ ...hop, proxy }] }), null);
  const target = { ...file.target, dependencies: [dependency] };
  assert.equal(proposeRestart(verdict, { ...file, target }), null);
});

for (const { service, unit } of [
  { service: { kind: "docker", container: "web" }, unit: "container web" },
  { service: { kind: "compose", project: "shop", service: "web" }, unit: "Compose service shop/web" },
  { service: { kind: "pm2", app: "shop", user: "deploy" }, unit: "PM2 app shop" },
  { service: { kind: "supervisor", program: "shop" }, unit: "supervisord program shop" },
] as const) {
  test(`where the operator names the ${unit}, that is proposed and not the unit it runs in`, () => {
    const file = makeFile(STOPPED);
    const [member] = file.hops.flatMap(({ members }) => members);
    assert.ok(member);
    const verdict: Verdict = {
      confidence: 0.9,
      hop: "upstream",
      summary: "",
      for: [file.find({ check: "connect-from-proxy", host: "edge-1", summary: "the proof" })],
      restart: { helps: "yes", why: "Because." },
      advice: [],
      member,
    };
    assert.deepEqual(proposeRestart(verdict, { ...file, target: { ...file.target, service } }), {
      kind: "restart-upstream",
      host: "origin-1",
      unit,
      service,
      recommended: true,
      why: "Because.",
    });
  });
}

test("what only a proxy says never proposes a restart on another host", () => {
  const provenBy = { check: "proxy-error-log", host: "edge-1" };
  assert.equal(proposed(STOPPED, { helps: "yes", provenBy }), null);
});

test("our own connection from the proxy's host confirms what the proxy says", () => {
  const provenBy = { check: "connect-from-proxy", host: "edge-1" };
  assert.equal(proposed(STOPPED, { helps: "yes", provenBy })?.recommended, true);
});

test("no restart is proposed where no unit is known", () => {
  const { cause, remediation } = diagnose({
    ...STOPPED,
    visits: {
      "origin-1": { status: "unreachable", failure: { kind: "refused", reason: "refused", hint: "" } },
    },
    results: [],
    unit: { Id: "unrelated.service", ExecStart: "" },
  });
  assert.ok(cause);
  assert.equal(remediation, null);
});

for (const { name, seen, why } of [
  {
    name: "while the unit is starting",
    seen: { ...STOPPED, unit: { ActiveState: "activating", SubState: "start" } },
    why: /starting/,
  },
  {
    name: "of a masked unit",
    seen: { ...STOPPED, unit: { ...STOPPED.unit, LoadState: "masked" } },
    why: /masked/,
  },
  {
    name: "while another program holds its address",
    seen: {
      ...STOPPED,
      journal: [journalLine(60, "node[9]", "Error: listen EADDRINUSE: address already in use :::3000")],
    },
    why: /fails while starting/,
  },
] satisfies { name: string; seen: Seen; why: RegExp }[]) {
  test(`a service that is not running gets no restart ${name}`, () => {
    const { cause, remediation } = diagnose(seen);
    assert.equal(cause?.id, "upstream-not-running");
    assert.equal(cause.restartHelps, "no");
    assert.match(cause.restartWhy, why);
    assert.equal(remediation?.recommended, false);
  });
}

test("a site that works again gets no restart", () => {
  const { outcome, remediation } = diagnose({ errorLog: [nginxLine(600, READ_TIMED_OUT)] });
  assert.equal(outcome, "recovered");
  assert.equal(remediation, null);
});
