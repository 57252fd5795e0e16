import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogHit } from "../../src/classify/case-file.ts";
import { currentMemberLines } from "../../src/classify/member-lines.ts";
import type { Signal } from "../../src/playbook/signal.ts";
import type { Owner, UnitState, UpstreamHop } from "../../src/topology/target.ts";
import { at, diagnose, journalLine, nginxLine, READ_TIMED_OUT, STOPPED, unixTime } from "./evidence.ts";

function hit(signal: Signal, ageSeconds: number, holes: Record<string, string> = {}): LogHit {
  const line = `${signal} ${ageSeconds}`;
  return {
    signal,

    holes,
    line,
    ageSeconds,
    details: {},
    host: "origin-1",
    check: "x",
  };
}

const UNIT: UnitState = {
  unit: "app.service",
  names: ["app.service"],
  loadState: "loaded",
  unitFileState: "enabled",
  activeState: "active",
  subState: "running",
  result: "success",
  execMainCode: 0,
  execMainStatus: 0,
  mainPid: 7,
  restarts: 0,
  execStart: "",
  boundBy: [],
};

/** The lines that count, for a proxy whose oldest failure is 100 s old. */
function current(lines: readonly LogHit[], unit: Partial<UnitState> = {}, owner: Partial<Owner> = {}) {
  const hop: UpstreamHop = {
    member: {
      label: "a",
      address: { kind: "tcp", host: "192.0.2.20", port: 3000 },
      backup: false,
      down: false,
    },
    resolved: [],
    listening: "yes",
    owner: {
      manager: "systemd",
      unit: { ...UNIT, ...unit },
      processes: [],
      by: "listener",
      declaredAddresses: [],
      logs: [],
      settings: {},
      ...owner,
    },
  };
  const proxyLines = [hit("upstream-closed", 100), hit("client-gave-up", 5000)];
  return currentMemberLines(lines, { hop, proxyLines, nowMs: Date.parse(at(0)) }).map(({ line }) => line);
}

test("an event explains a failure of the proxy only when it came at most half a minute before it", () => {
  assert.deepEqual(current([hit("worker-crashed", 131), hit("worker-crashed", 129)]), ["worker-crashed 129"]);
});

test("a state that is logged once, when it begins, may last for ten minutes", () => {
  const lines = [hit("worker-pool-exhausted", 701), hit("worker-pool-exhausted", 699)];
  assert.deepEqual(current(lines), ["worker-pool-exhausted 699"]);
});

test("where a service said it listens holds until it says otherwise", () => {
  assert.deepEqual(current([hit("app-listening", 80_000)]), ["app-listening 80000"]);
});

test("lines of another pool do not count, lines of the whole service do", () => {
  const lines = [
    hit("worker-pool-exhausted", 90, { pool: "blog" }),
    hit("worker-pool-exhausted", 80, { pool: "www" }),
    hit("out-of-files", 70),
  ];
  assert.deepEqual(current(lines, {}, { part: "www" }), ["worker-pool-exhausted 80", "out-of-files 70"]);
});

test("a service that is down keeps what led to its end, and nothing before", () => {
  const lines = [hit("app-boot-failed", 3730), hit("app-uncaught-exception", 3610)];
  const ended = { activeState: "failed", execMainExitedAt: at(3600) };
  assert.deepEqual(current(lines, ended), ["app-uncaught-exception 3610"]);
  assert.deepEqual(current(lines), []);
});

test("the deaths of a service that its manager restarts again and again are its state", () => {
  const deaths = [hit("unit-main-exited", 590), hit("unit-main-exited", 610)];
  assert.deepEqual(current(deaths, { restarts: 4 }), ["unit-main-exited 590"]);
  assert.deepEqual(current(deaths), []);
});

test("what led to a service's end is found whatever its host's clock says", () => {
  for (const minutes of [-60, 60]) {
    const theirs = (seconds: number) => seconds - minutes * 60;
    const { cause } = diagnose({
      ...STOPPED,
      visits: { "origin-1": { clockSkewMs: minutes * 60_000 } },
      unit: {
        ...STOPPED.unit,
        ActiveState: "failed",
        Result: "exit-code",
        ExecMainExitTimestamp: unixTime(theirs(400)),
        InactiveEnterTimestamp: unixTime(theirs(400)),
      },
      journal: [
        journalLine(theirs(3000), "node[300]", "Error: Cannot find module 'old'"),
        journalLine(theirs(401), "node[301]", "Error: listen EADDRINUSE: address already in use :::3000"),
      ],
    });
    assert.equal(cause?.id, "upstream-not-running");
    assert.equal(cause.restartHelps, "no");
    assert.match(cause.restartWhy, /fails while starting/);
  }
});

test("an hour-old crash does not explain a proxy that times out now", () => {
  const { candidates } = diagnose({
    status: 504,
    errorLog: [nginxLine(5, READ_TIMED_OUT)],
    journal: [journalLine(3600, "node[300]", "Node.js v20.1.0")],
  });
  assert.deepEqual(
    candidates.map(({ id }) => id),
    ["upstream-too-slow"],
  );
});
