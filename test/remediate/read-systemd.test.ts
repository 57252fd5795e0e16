import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PlanRun } from "../../src/collect/run-plan.ts";
import type { ProbeOutcome, ProbeResult } from "../../src/playbook/probe-result.ts";
import { lookOf } from "../../src/remediate/manager.ts";
import { makeHistoryWords, parseHistory } from "../../src/remediate/systemd/read-starts.ts";
import { judgeUnit, makeUnitLooks } from "../../src/remediate/systemd/read-systemd.ts";
import { unitBlock } from "../topology/site.ts";

const NOW_S = 1_795_000_000;
const CURRENT = "c".repeat(32);
const STARTED = "39f53479d3a045ac8e11786248231fbf";
const JOURNAL_STARTED = "f77379a8490b408bbe5f6940505a777b";
const STOPPED = "9d1aaa27d60140bd96365438aad20286";

/** A line of `journalctl -o json`. */
function entry(secondsAgo: number, message: string, invocation: string, job?: string): string {
  const at = `${(NOW_S - secondsAgo) * 1_000_000}`;
  const fields = { __REALTIME_TIMESTAMP: at, MESSAGE_ID: message, INVOCATION_ID: invocation };
  return `${JSON.stringify({ ...fields, ...(job === undefined ? {} : { JOB_TYPE: job }) })}\n`;
}

interface Seen {
  readonly unit?: Readonly<Record<string, string>>;
  readonly others?: string;
  readonly journal?: string;
  readonly helper?: string;
  readonly maySudo?: boolean;
  readonly uid?: number;
  readonly cut?: boolean;
}

/** What a host says about shop.service that started an hour ago and runs. */
function runOf(seen: Seen): PlanRun {
  const result = (
    id: string,
    output: string,
    exitCode = 0,
    parts: Partial<ProbeResult> = {},
  ): ProbeResult => {
    const outcome: ProbeOutcome = { kind: "exited", exitCode };
    return {
      probe: id,
      id,
      host: "app-1",
      round: 1,
      params: {},
      outcome,
      output,
      truncated: false,
      ...parts,
    };
  };
  const unit = unitBlock("shop.service", {
    InvocationID: CURRENT,
    StartLimitBurst: "3",
    StartLimitIntervalUSec: "1min",
    ActiveEnterTimestamp: `@${NOW_S - 3600}`,
    ExecMainStartTimestamp: `@${NOW_S - 3600}`,
    ...seen.unit,
  });
  const { uid = 1000, helper, maySudo = true } = seen;
  const facts = `uid=${uid}\nuser=diag\nepoch=${NOW_S}.500\noffset=+0000\nuptime=180000.25\nboot_id=5bf1c2ee-6e2f-4a6e-9c5a-0e3f8a1b2c3d\n`;
  return {
    results: [
      result("host.facts", facts),
      result("unit", unit),
      result("bonds", `${unit}\n${seen.others ?? ""}`, 0, { truncated: seen.cut ?? false }),
      result("history", seen.journal ?? entry(3600, STARTED, CURRENT)),
      result("helper", uid === 0 ? (helper ?? "") : "", uid === 0 && helper !== undefined ? 0 : 127),
      result("sudo-helper", helper ?? "sudo: a password is required\n", helper === undefined ? 1 : 0),
      result("sudo", maySudo ? "/usr/bin/systemctl\n" : "sudo: a password is required\n", maySudo ? 0 : 1),
    ],
  };
}

const OPTIONS = {
  resetBudget: false,
  proxyUnits: ["edge-cache.service"],
  neverRestart: ["precious.service"],
};
const judge = (seen: Seen, options: Partial<typeof OPTIONS> = {}) =>
  judgeUnit("shop.service", runOf(seen), { ...OPTIONS, ...options });
const bound = (name: string, parts: Readonly<Record<string, string>> = {}) => `${unitBlock(name, parts)}\n`;
const KNOWN = "diagnose502 known reset=yes id=shop.service invocation=x state=active why_not=none\n";
const threeStarts = [3, 2, 1].map((n) => entry(n * 10, STARTED, `${n}`.repeat(32))).join("");
const JUST_NOW = {
  ActiveEnterTimestamp: `@${NOW_S - 10}`,
  ExecMainStartTimestamp: `@${NOW_S - 10}`,
  InvocationID: "1".repeat(32),
};

test("a service that runs may be restarted, by the helper where there is one", () => {
  const plain = judge({});
  assert.deepEqual(plain, {
    kind: "read",
    identity: { id: "shop.service", invocation: CURRENT, bootId: "5bf1c2ee-6e2f-4a6e-9c5a-0e3f8a1b2c3d" },
    risk: { takesAlong: [], startsLeft: 3, resetsBudget: false },
    argv: ["sudo", "-n", "systemctl", "restart", "--", "shop.service"],
    state: "active (running)",
    helper: false,
  });
  const argv = (seen: Seen) => {
    const judged = judge(seen);
    return judged.kind === "read" ? judged.argv.join(" ") : judged.kind;
  };
  const helped = `/usr/local/lib/diagnose502/restart shop.service {key} ${CURRENT}`;
  assert.equal(argv({ helper: KNOWN }), `sudo -n ${helped}`);
  assert.equal(argv({ helper: KNOWN, uid: 0 }), helped);
  assert.equal(argv({ uid: 0 }), "systemctl restart -- shop.service");
  assert.equal(argv({ helper: "diagnose502 denied\n" }), "sudo -n systemctl restart -- shop.service");
});

test("what would be restarted along is said, in turn; what is down stays down", () => {
  const judged = judge({
    unit: { RequiredBy: "a.service b.service", ConsistsOf: "c.service" },
    others: `${bound("a.service", { BoundBy: "d.service" })}${bound("b.service", { ActiveState: "inactive", BoundBy: "e.service" })}${bound("c.service")}${bound("d.service", { PropagatesStopTo: "shop.service" })}${bound("e.service")}`,
  });
  assert.deepEqual(judged.kind === "read" && judged.risk.takesAlong, ["a.service", "c.service", "d.service"]);
  const reversed = judge({ unit: { RequiredBy: "b.service a.service" } });
  assert.deepEqual(reversed.kind === "read" && reversed.risk.takesAlong, ["a.service", "b.service"]);
});

test("a name that is an alias leads to the unit itself", () => {
  const judged = judge({ unit: { Id: "store.service", Names: "store.service shop.service" } });
  assert.deepEqual(judged, { kind: "renamed", service: { manager: "systemd", unit: "store.service" } });
});

test("starts are counted where a start could have happened, and only those of the interval", () => {
  const left = (seen: Seen) => {
    const judged = judge(seen);
    return judged.kind === "read" ? judged.risk.startsLeft : judged.kind;
  };
  const old = entry(61 + 10, STARTED, "9".repeat(32));
  assert.equal(left({ unit: JUST_NOW, journal: `${old}${entry(10, STARTED, "1".repeat(32))}` }), 2);
  assert.equal(left({ unit: JUST_NOW, journal: threeStarts }), "refused");
  assert.equal(left({ unit: { StartLimitBurst: "0" }, journal: threeStarts }), null);
  assert.equal(left({ unit: { StartLimitIntervalUSec: "0" }, journal: threeStarts }), null);
  assert.equal(left({ unit: JUST_NOW, journal: "" }), "unreadable");
  assert.equal(left({ journal: "No journal files were opened due to insufficient permissions.\n" }), 3);
  assert.equal(
    left({
      unit: JUST_NOW,
      journal: "Hint: You are currently not seeing messages from other users and the system.\n",
    }),
    "unreadable",
  );
});

test("a used-up limit is reset only where the site allows it and the helper can", () => {
  const seen = { unit: JUST_NOW, journal: threeStarts };
  assert.deepEqual(judge({ ...seen, helper: KNOWN }), {
    kind: "refused",
    why: "systemd would stop shop.service and refuse to start it: all 3 starts of its limit are used up",
    hint: "Mend why it keeps dying, then: systemctl reset-failed shop.service && systemctl start shop.service. restart.resetStartBudget in the config lets an approved restart do so.",
  });
  const noHelper = {
    kind: "refused",
    why: "the start limit of shop.service is used up, and there is no helper on the host that may reset it",
    hint: "Install what diagnose502 harden prints for this host.",
  };
  assert.deepEqual(judge(seen, { resetBudget: true }), noHelper);
  const careful = KNOWN.replace("reset=yes", "reset=no");
  assert.deepEqual(judge({ ...seen, helper: careful }, { resetBudget: true }), noHelper);
  const judged = judge({ ...seen, helper: KNOWN }, { resetBudget: true });
  assert.ok(judged.kind === "read");
  assert.deepEqual(judged.risk, { takesAlong: [], startsLeft: 0, resetsBudget: true });
  assert.equal(judged.argv.at(-1), "reset-budget");
});

const down = { ActiveState: "inactive", SubState: "dead" };
const REFUSED: readonly (readonly [fact: string, seen: Seen, why: RegExp])[] = [
  ["masked", { unit: { LoadState: "masked" } }, /shop\.service is masked/],
  ["not there", { unit: { LoadState: "not-found", ...down } }, /there is no shop\.service/],
  ["a broken unit file", { unit: { LoadState: "bad-setting" } }, /cannot load shop\.service \(bad-setting\)/],
  [
    "starting",
    { unit: { ActiveState: "activating", SubState: "auto-restart" } },
    /activating \(auto-restart\) already/,
  ],
  ["stopping", { unit: { ActiveState: "deactivating", SubState: "stop-sigterm" } }, /deactivating/],
  ["a job is queued", { unit: { Job: "77" } }, /something starts or stops it right now/],
  ["not by hand", { unit: { RefuseManualStop: "yes" } }, /refuses to be started or stopped by hand/],
  [
    "an alias of a proxy",
    { unit: { Id: "nginx.service", Names: "nginx.service shop.service" } },
    /another name of nginx\.service, which is a proxy/,
  ],
  ["one of its names is a database's", { unit: { Names: "shop.service mysql.service" } }, /a database/],
  ["the site's own proxy", { unit: { Names: "shop.service edge-cache.service" } }, /the site's own proxy/],
  ["listed in the config", { unit: { Names: "shop.service precious.service" } }, /neverRestart/],
  [
    "a proxy is bound to it",
    { unit: { BoundBy: "nginx.service" }, others: bound("nginx.service") },
    /would also restart nginx\.service, which is a proxy/,
  ],
  [
    "the site's own proxy is bound to it in turn",
    {
      unit: { RequiredBy: "a.service" },
      others: `${bound("a.service", { ConsistsOf: "edge-cache.service" })}${bound("edge-cache.service")}`,
    },
    /would also restart a\.service, and with it edge-cache\.service, which is the site's own proxy/,
  ],
  [
    "a target hangs on it",
    { unit: { RequiredBy: "multi-user.target" }, others: bound("multi-user.target") },
    /no service of its own/,
  ],
  [
    "bound to something that nobody lists",
    { unit: { RequiredBy: "haproxy.service" } },
    /haproxy\.service, which is a proxy/,
  ],
  [
    "stopped by a job",
    { unit: down, journal: `${entry(9, STARTED, CURRENT)}${entry(5, STOPPED, CURRENT, "stop")}` },
    /stopped on purpose/,
  ],
  [
    "stopped by a job, and forgotten by systemd",
    { unit: { ...down, InvocationID: "" }, journal: entry(5, STOPPED, CURRENT, "stop") },
    /stopped on purpose/,
  ],
  ["down, and the journal does not reach back", { unit: down, journal: "" }, /stopped on purpose/],
  [
    "down, and the journal cannot be read",
    { unit: down, journal: "-- insufficient permissions\n" },
    /stopped on purpose/,
  ],
];

for (const [fact, seen, why] of REFUSED) {
  test(`refused: ${fact}`, () => {
    const judged = judge({ helper: KNOWN, ...seen });
    assert.equal(judged.kind, "refused", JSON.stringify(judged));
    assert.match(JSON.stringify(judged), why);
  });
}

test("not refused: ended by itself, crashed, or never started", () => {
  const states: readonly Seen[] = [
    { unit: down, journal: `${entry(9, STARTED, CURRENT)}${entry(5, STOPPED, CURRENT)}` },
    { unit: { ...down, ActiveState: "failed", Result: "signal" }, journal: "" },
    {
      unit: { ...down, InvocationID: "", ActiveEnterTimestamp: "", ExecMainStartTimestamp: "" },
      journal: "-- No entries --\n",
    },
  ];
  for (const seen of states) assert.equal(judge(seen).kind, "read", JSON.stringify(judge(seen)));
});

test("one round of looks asks for all that decides, and changes nothing", () => {
  const helper = "/usr/local/lib/diagnose502/restart";
  const show = "env TZ=UTC0 systemctl show --no-pager";
  const bonds = "Id,Names,LoadState,ActiveState,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo";
  const state =
    "SubState,Result,UnitFileState,FragmentPath,InvocationID,NRestarts,StartLimitBurst,StartLimitIntervalUSec,StartLimitInterval,ActiveEnterTimestamp,InactiveEnterTimestamp,ExecMainStartTimestamp,ExecMainCode,RefuseManualStart,RefuseManualStop,Job";
  const kinds = "*.service *.socket *.target *.timer *.path *.mount *.scope";
  const look = (id: string, line: string, maxBytes = 65_536) => lookOf(id, line.split(" "), { maxBytes });
  assert.deepEqual(makeUnitLooks("shop.service"), [
    look("unit", `${show} --property=${bonds},${state} -- shop.service`),
    look("bonds", `${show} --property=${bonds} ${kinds}`, 262_144),
    look("history", makeHistoryWords("shop.service").join(" "), 131_072),
    look("helper", `${helper} check shop.service`),
    look("sudo-helper", `sudo -n ${helper} check shop.service`),
    look("sudo", "sudo -n -l systemctl restart -- shop.service"),
  ]);
});

const HARDEN = "diagnose502 harden prints the sudoers line and the helper for this host.";
const AGAIN = "Run the diagnosis again; if it persists, try systemctl show on the host.";
const LIST = "Restart it by hand, after systemctl list-dependencies --reverse on the host.";
const JOURNAL =
  "Put the login into the group systemd-journal (or adm), so that it may read the journal. If it may: the journal does not reach back far enough.";
const lost = { outcome: { kind: "no-answer", reason: "the connection broke" } } as const;
/** What a look brought instead, by its id. */
type Instead = Readonly<Record<string, Partial<ProbeResult>>>;
const UNREADABLE: readonly (readonly [seen: Seen, instead: Instead, why: string, hint: string])[] = [
  [{}, { unit: lost }, "systemd did not show shop.service: the connection broke", AGAIN],
  [{}, { unit: { output: "\n" } }, "systemd showed nothing about shop.service", "Check the unit's name."],
  [
    {},
    { bonds: { outcome: { kind: "timed-out", timeoutMs: 10_000 } } },
    "it cannot be known what a restart of shop.service would take along: no end within 10 s",
    LIST,
  ],
  [
    { cut: true },
    {},
    "it cannot be known what a restart of shop.service would take along: the list of units is too long",
    LIST,
  ],
  [{ maySudo: false }, {}, "diag may not restart shop.service: sudo: a password is required", HARDEN],
  [
    { maySudo: false },
    { "host.facts": { output: "uid=1000\n" } },
    "the login may not restart shop.service: sudo: a password is required",
    HARDEN,
  ],
  [
    { unit: JUST_NOW, journal: entry(10, STARTED, "1".repeat(32)) },
    { history: { truncated: true } },
    "the recent starts of shop.service cannot be read, so a restart might only stop it",
    JOURNAL,
  ],
  [
    { unit: JUST_NOW, journal: entry(10, STARTED, "1".repeat(32)) },
    { history: lost },
    "the recent starts of shop.service cannot be read, so a restart might only stop it",
    JOURNAL,
  ],
  [
    { unit: JUST_NOW, journal: entry(10, STARTED, "1".repeat(32)) },
    { "host.facts": { output: "uid=1000\nuser=diag\n" } },
    "the recent starts of shop.service cannot be read, so a restart might only stop it",
    JOURNAL,
  ],
];

for (const [seen, instead, why, hint] of UNREADABLE) {
  test(`unreadable: ${why}, as ${Object.keys(instead).join() || "it is"} says`, () => {
    const results = runOf(seen).results.map((one): ProbeResult => ({ ...one, ...instead[one.id] }));
    assert.deepEqual(judgeUnit("shop.service", { results }, OPTIONS), { kind: "unreadable", why, hint });
  });
}

test("what systemd failed to show of other units is still read, where it showed anything", () => {
  const results = runOf({
    unit: { RequiredBy: "a.service" },
    others: bound("a.service", { ActiveState: "failed" }),
  }).results;
  const failed = results.map(
    (one): ProbeResult => (one.id === "bonds" ? { ...one, outcome: { kind: "exited", exitCode: 1 } } : one),
  );
  const judged = judgeUnit("shop.service", { results: failed }, OPTIONS);
  assert.deepEqual(judged.kind === "read" && judged.risk.takesAlong, []);
});

test("a start budget that cannot be read is reset like a used-up one, where the site allows it", () => {
  const judged = judge({ unit: JUST_NOW, journal: "", helper: KNOWN }, { resetBudget: true });
  assert.ok(judged.kind === "read");
  assert.deepEqual(judged.risk, { takesAlong: [], startsLeft: null, resetsBudget: true });
});

test("a login that is root asks no sudo, and a helper that sudo alone could ask is none of its own", () => {
  const judged = judge({ uid: 0, maySudo: false });
  assert.deepEqual(judged.kind === "read" && judged.argv, ["systemctl", "restart", "--", "shop.service"]);
  const results = runOf({ uid: 0, helper: KNOWN }).results;
  const swapped = results.map((one): ProbeResult => (one.id === "helper" ? { ...one, output: "" } : one));
  const withoutIt = judgeUnit("shop.service", { results: swapped }, OPTIONS);
  assert.deepEqual(withoutIt.kind === "read" && withoutIt.argv, [
    "systemctl",
    "restart",
    "--",
    "shop.service",
  ]);
});

test("times of a host that prints them in its own zone are read by its offset", () => {
  // ten seconds ago, in a zone an hour ahead
  const local = (ms: number) => new Date(ms + 3_600_000).toISOString().replace("T", " ").slice(0, 19);
  const at = `Wed ${local((NOW_S - 10) * 1000)} CET`;
  const unit = { ...JUST_NOW, ActiveEnterTimestamp: at, ExecMainStartTimestamp: at };
  const { results } = runOf({ unit, journal: threeStarts });
  const ahead = results.map(
    (one): ProbeResult =>
      one.id === "host.facts" ? { ...one, output: one.output.replace("+0000", "+0100") } : one,
  );
  assert.equal(judgeUnit("shop.service", { results: ahead }, OPTIONS).kind, "refused");
});

test("a unit that is down and was forgotten by systemd has no invocation", () => {
  const judged = judge({
    unit: { ...down, InvocationID: "", ActiveEnterTimestamp: "", ExecMainStartTimestamp: "" },
    journal: "",
  });
  assert.equal(judged.kind === "read" && judged.identity.invocation, "none");
});

test("whatever the journal prints is read without an exception", () => {
  const line = fc.oneof(fc.string(), fc.json(), fc.constant(entry(1, STARTED, CURRENT).trim()));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { starts } = parseHistory(lines.join("\n"), { isWhole: true });
      assert.ok(starts.size <= lines.length);
    }),
  );
});

test("in an interval without an end all starts of the boot count, or a restart would stop the service for good", () => {
  const since = `@${NOW_S - 30 * 3600}`;
  const unit = {
    StartLimitIntervalUSec: "infinity",
    InvocationID: "1".repeat(32),
    ActiveEnterTimestamp: since,
    ExecMainStartTimestamp: since,
  };
  const [first = "", ...later] = [40, 35, 30].map((hours, n) =>
    entry(hours * 3600, STARTED, `${3 - n}`.repeat(32)),
  );
  const says = (...journal: readonly string[]) =>
    JSON.stringify(judge({ unit, journal: journal.join(""), helper: KNOWN }));
  const booted = entry(179_990, JOURNAL_STARTED, "b".repeat(32));
  assert.match(says(...later), /recent starts .* cannot be read/);
  assert.match(says(booted, ...later), /"startsLeft":1/);
  for (const journal of [
    [first, ...later],
    [booted, first, ...later],
  ]) {
    assert.match(says(...journal), /all 3 starts of its limit are used up/);
  }
});

test("of a hundred starts in two hours the journal tells too few, so what is left is unknown", () => {
  const lines = (n: number) =>
    ["7d4958e842da4a758f6c1cdc7b36dcc5", STARTED, STOPPED].map((id) =>
      entry(7200 - n * 72, id, n.toString(16).padStart(32, "0")),
    );
  const journal = Array.from({ length: 100 }, (_, n) => lines(n)).flat();
  const unit = { StartLimitBurst: "100", StartLimitIntervalUSec: "2h", ...JUST_NOW };
  const judged = judge({
    unit: { ...unit, InvocationID: (99).toString(16).padStart(32, "0") },
    journal: journal.slice(-200).join(""),
  });
  assert.match(JSON.stringify(judged), /recent starts of shop\.service cannot be read/);
});
