import assert from "node:assert/strict";
import { test } from "node:test";
import { result } from "../topology/site.ts";
import { accessLine, at, diagnose, journalLine, look, type Seen, STOPPED, unixTime } from "./evidence.ts";

const OURS = " host=shop.example.com";

/** One answer a second, the last one a second ago. */
function answers(...runs: readonly (readonly [count: number, status: number])[]): readonly string[] {
  const statuses = runs.flatMap(([count, status]) => Array.from({ length: count }, () => status));
  return statuses.map((status, index) => accessLine(statuses.length - index, status, OURS));
}

function onsetOf(seen: Seen) {
  return diagnose({ ...STOPPED, ...seen }).onset;
}

test("the incident begins with the first error of the run that lasts until now", () => {
  const onset = onsetOf({ accessLog: answers([5, 502], [30, 200], [5, 502], [19, 200], [6, 504]) });
  assert.equal(onset.first502At, at(30));
  assert.equal(onset.share, 0.367);
});

test("twenty good answers in a row end an incident", () => {
  assert.equal(onsetOf({ accessLog: answers([5, 502], [20, 200]) }).first502At, undefined);
});

test("errors of the application itself are no gateway errors", () => {
  assert.equal(onsetOf({ accessLog: answers([5, 500]) }).first502At, undefined);
});

test("requests and errors are counted by the minute", () => {
  const lines = [accessLine(125, 502, OURS), accessLine(121, 200, OURS), accessLine(70, 502, OURS)];
  assert.deepEqual(onsetOf({ accessLog: lines }).perMinute, [
    { at: "2026-11-20T11:57:00.000Z", errors: 1, requests: 2 },
    { at: "2026-11-20T11:58:00.000Z", errors: 1, requests: 1 },
  ]);
});

test("other sites' lines say nothing of this one", () => {
  const foreign = accessLine(90, 502, " host=blog.example.com");
  const onset = onsetOf({ accessLog: [foreign, ...answers([2, 200], [2, 502])] });
  assert.equal(onset.first502At, at(2));
  assert.equal(onset.share, 1);
});

test("a log that sites share says when it began, and not which share of this site's requests fails", () => {
  const onset = onsetOf({ accessLog: [accessLine(9, 502), accessLine(8, 200)] });
  assert.equal(onset.first502At, at(9));
  assert.equal(onset.share, undefined);
});

test("lines that are none of an access log are passed over", () => {
  const accessLog = ["", "garbage", '1.2.3.4 - - [99/Xxx/2026] "GET" 502', ...answers([1, 502])];
  assert.equal(onsetOf({ accessLog }).perMinute?.[0]?.requests, 1);
});

const changed = (output: string) => result("origin-1", "linux-host.recent-changes", output);
const touched = (secondsAgo: number, path: string) => `${unixTime(secondsAgo).slice(1)}.0 ${path}\n`;
const since = { accessLog: answers([60, 502]) };
const quiet: Seen = { ...since, unit: { ActiveState: "inactive", SubState: "dead" }, journal: [] };

for (const { name, seen, what } of [
  {
    name: "a file that changed before the first error",
    seen: {
      results: [
        changed(
          touched(5000, "/etc/hosts") +
            touched(90, "/etc/systemd/system/shop.service") +
            touched(10, "/etc/hosts"),
        ),
      ],
    },
    what: "/etc/systemd/system/shop.service changed on origin-1",
  },
  {
    name: "the stop of the service",
    seen: { unit: STOPPED.unit, results: [changed(touched(90, "/etc/hosts"))] },
    what: "shop.service ended on origin-1",
  },
  {
    name: "a kill for memory",
    seen: { kernelLog: [journalLine(70, "kernel", "Out of memory: Killed process 301 (node) total-vm:1kB")] },
    what: "node killed for memory on origin-1",
  },
  {
    name: "a reboot",
    seen: { results: [result("origin-1", "host.facts", "epoch=1\nuptime=300.5\n")] },
    what: "origin-1 booted",
  },
  {
    name: "nothing that an editor or package manager left behind",
    seen: { results: [changed(touched(90, "/etc/hosts~") + touched(80, "/etc/ssl/x.dpkg-old"))] },
    what: undefined,
  },
  {
    name: "no reboot of days ago",
    seen: {
      results: [
        result("origin-1", "host.facts", "uptime=200000\n"),
        look("origin-1", "host.facts", "uptime=300\n"),
      ],
    },
    what: undefined,
  },
] satisfies { name: string; seen: Seen; what: string | undefined }[]) {
  test(`the last change before an incident: ${name}`, () => {
    assert.equal(onsetOf({ ...quiet, ...seen }).lastChange?.what, what);
  });
}

test("the times of changes are by our clock", () => {
  const onset = onsetOf({
    ...quiet,
    unit: {
      ...STOPPED.unit,
      InactiveEnterTimestamp: unixTime(70 + 600),
      ExecMainExitTimestamp: unixTime(670),
    },
    visits: { "origin-1": { clockSkewMs: -600_000 } },
  });
  assert.deepEqual(onset.lastChange, { what: "shop.service ended on origin-1", at: at(70) });
});
