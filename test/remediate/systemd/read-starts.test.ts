import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHistoryWords, parseHistory } from "../../../src/remediate/systemd/read-starts.ts";

const STARTED = "39f53479d3a045ac8e11786248231fbf";
const STARTING = "7d4958e842da4a758f6c1cdc7b36dcc5";
const START_FAILED = "be02cf6855d2428ba40df7e9d022f03d";
const STOPPING = "de5b426a63be47a7b6ac3eaac82e2f6f";
const STOPPED = "9d1aaa27d60140bd96365438aad20286";
const RELOADED = "7b05ebc668384222baa8881179cfda54";
const ONE = "1".repeat(32);
const TWO = "2".repeat(32);

/** A line of `journalctl -o json`, so many ms after the epoch. */
function entry(atMs: number, message: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    __REALTIME_TIMESTAMP: `${atMs * 1000}`,
    MESSAGE_ID: message,
    INVOCATION_ID: ONE,
    ...more,
  });
}

const read = (...lines: readonly string[]) => parseHistory(`${lines.join("\n")}\n`, { isWhole: true });
const ALL = { complete: true, isCut: false, oldestMs: 1000 };
const stoppedBy = (job: string) => ({ JOB_TYPE: job });

test("the journal of this boot is asked for what the manager itself said of the unit's starts and stops", () => {
  const ids = [STARTED, STARTING, START_FAILED, STOPPING, STOPPED].map((id) => `MESSAGE_ID=${id}`);
  assert.equal(
    makeHistoryWords("shop.service").join(" "),
    `journalctl --no-pager _PID=1 UNIT=shop.service ${ids.join(" ")} + _COMM=systemd-journal MESSAGE_ID=f77379a8490b408bbe5f6940505a777b -b -n 200 -o json --output-fields=MESSAGE_ID,INVOCATION_ID,JOB_TYPE`,
  );
});

for (const [what, id] of Object.entries({ STARTED, STARTING, START_FAILED })) {
  test(`${what.toLowerCase().replace("_", " ")} is a start, and what was stopped before is not stopped any more`, () => {
    const history = read(entry(1500, STOPPED, stoppedBy("stop")), entry(2500, id));
    const starts = new Map([[ONE, 2500]]);
    assert.deepEqual(history, { ...ALL, oldestMs: 1500, starts, stoppedByJob: false });
  });
}

for (const [what, id] of Object.entries({ STOPPING, STOPPED })) {
  test(`${what.toLowerCase()} by a job is somebody's stop; by its own end, or for a restart, it is not`, () => {
    const starts = new Map([[ONE, 1000]]);
    const after = (more: Readonly<Record<string, unknown>>) =>
      read(entry(1000, STARTED), entry(2000, id, more));
    assert.deepEqual(after(stoppedBy("stop")), { ...ALL, starts, stoppedByJob: true });
    for (const more of [{}, stoppedBy("restart"), { JOB_TYPE: ["stop"] }]) {
      assert.deepEqual(after(more), { ...ALL, starts, stoppedByJob: false });
    }
  });
}

test("a start is heard of several times, and counts once, from the first", () => {
  const { starts } = read(
    entry(1000, STARTING),
    entry(1400, STARTED),
    entry(9000, STARTED, { INVOCATION_ID: TWO }),
  );
  assert.deepEqual(
    [...starts],
    [
      [ONE, 1000],
      [TWO, 9000],
    ],
  );
});

test("other messages of the manager are neither", () => {
  const none = { ...ALL, starts: new Map(), stoppedByJob: false };
  assert.deepEqual(read(entry(1000, RELOADED, stoppedBy("stop"))), none);
  assert.deepEqual(read(entry(1000, RELOADED, stoppedBy("stop")), "-- No entries --", ""), none);
});

const START = entry(1000, STARTED);
const INCOMPLETE: readonly (readonly [fact: string, line: string])[] = [
  ["no right to read it", "No journal files were opened due to insufficient permissions."],
  ["no right to read all", "Hint: You are currently not seeing messages from other users and the system."],
  ["a line that is cut", START.slice(0, -10)],
  ["no time", entry(2000, STARTED, { __REALTIME_TIMESTAMP: undefined })],
  ["a time that is none", entry(2000, STARTED, { __REALTIME_TIMESTAMP: "soon" })],
  ["a time with more behind it", entry(2000, STARTED, { __REALTIME_TIMESTAMP: "2000000us" })],
  ["a time with more before it", entry(2000, STARTED, { __REALTIME_TIMESTAMP: "@2000000" })],
  ["a time that is too long", entry(2000, STARTED, { __REALTIME_TIMESTAMP: "2".repeat(21) })],
  ["a time that is no text", entry(2000, STARTED, { __REALTIME_TIMESTAMP: 2_000_000 })],
];

for (const [fact, line] of INCOMPLETE) {
  test(`there may be more than could be read: ${fact}`, () => {
    const expected = { ...ALL, complete: false, starts: new Map([[ONE, 1000]]), stoppedByJob: false };
    assert.deepEqual(read(START, line), expected);
    assert.deepEqual(read(line, START), expected);
  });
}

test("there may be more when journalctl failed or was cut off; the shortest and the longest time are times", () => {
  assert.deepEqual(parseHistory(START, { isWhole: false }), { ...read(START), complete: false });
  for (const time of ["0", "9".repeat(20)]) {
    assert.ok(read(entry(0, STARTED, { __REALTIME_TIMESTAMP: time })).complete);
  }
});

test("two hundred entries are as many as were asked for, so that there may be older ones", () => {
  const entries = Array.from({ length: 200 }, (_, index) => entry(2000 + index, STARTED));
  const seen = (lines: readonly string[]) => {
    const { complete, isCut, oldestMs } = read(...lines);
    return { complete, isCut, oldestMs };
  };
  assert.deepEqual(seen(entries), { complete: true, isCut: true, oldestMs: 2000 });
  assert.deepEqual(seen(entries.toReversed()), { complete: true, isCut: true, oldestMs: 2000 });
  assert.deepEqual(seen(entries.slice(1)), { complete: true, isCut: false, oldestMs: 2001 });
  assert.deepEqual(seen(["-- No entries --"]), { complete: true, isCut: false, oldestMs: undefined });
});

test("the journal's own start is the oldest entry, and no start of the unit", () => {
  const own = entry(500, "f77379a8490b408bbe5f6940505a777b", { INVOCATION_ID: TWO });
  assert.deepEqual(read(own, entry(1000, STARTED)), {
    ...ALL,
    oldestMs: 500,
    starts: new Map([[ONE, 1000]]),
    stoppedByJob: false,
  });
});
