import assert from "node:assert/strict";
import { test } from "node:test";
import { CAUSES } from "../../src/classify/cause.ts";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import { CAUSE_TITLES } from "../../src/report/cause-title.ts";
import { makeReport } from "../../src/report/make-report.ts";
import { FIREWALL, HEALTHY, INCONCLUSIVE, NOT_FOUND, OOM_KILLED, RECOVERED } from "./fixtures.ts";

const HEADLINES: readonly (readonly [string, Diagnosis, string])[] = [
  [
    "a fault that a restart ends for a while",
    OOM_KILLED,
    "shop: php8.2-fpm on origin-1 is down: it was OOM-killed 3 min ago. A restart would help, but only briefly.",
  ],
  [
    "a fault no restart ends",
    FIREWALL,
    "shop: a firewall on origin-1 drops what edge-1 sends to port 8080. Restarting the application would not help.",
  ],
  [
    "an undecided case",
    INCONCLUSIVE,
    "shop: inconclusive. It answers 502, most likely because the application is not running (44 %), but that is not proven. Do not restart yet.",
  ],
  ["a healthy site", HEALTHY, "shop is healthy: it answers 200, and every hop is fine."],
  [
    "a healthy site with a blind spot",
    { ...HEALTHY, notChecked: OOM_KILLED.notChecked },
    "shop is healthy: it answers 200, and every hop we could look at is fine.",
  ],
  [
    "a site that came back",
    { ...RECOVERED, cause: OOM_KILLED.cause },
    "shop has recovered: it answers 200 now. Before that: php8.2-fpm on origin-1 is down: it was OOM-killed 3 min ago. No restart is needed.",
  ],
  [
    "an answer that is no gateway error",
    NOT_FOUND,
    "shop: It answers 404, which is not a gateway error. No hop is broken; do not restart anything.",
  ],
];

test("the headline alone is the answer", async (t) => {
  for (const [name, diagnosis, headline] of HEADLINES) {
    await t.test(name, () => assert.equal(makeReport(diagnosis).headline, headline));
  }
});

test("without access the headline says so, and the fix is said once", () => {
  const fix = "Is sshd running there, and is this its port?";
  const reason = "diag@192.0.2.10:22: nothing listens on the port (connection refused).";
  const { headline, notChecked } = makeReport({
    ...INCONCLUSIVE,
    client: { status: 200, mintedBy: "app" },
    notChecked: [{ check: "ssh", host: "edge-1", reason, fix }],
    advice: [fix],
  });
  assert.equal(headline, `shop: inconclusive. It answers 200, but SSH failed: ${reason} Do not restart yet.`);
  assert.deepEqual(notChecked, [{ checks: ["ssh"], host: "edge-1", reason }]);
});

test("a healthy site has no onset and no last change, whatever a shared log holds", () => {
  const { since, lastChange } = makeReport({ ...HEALTHY, onset: OOM_KILLED.onset });
  assert.deepEqual({ since, lastChange }, { since: null, lastChange: null });
});

test("our own requests are told from the site's machines", () => {
  const [finding] = OOM_KILLED.findings;
  assert.ok(finding);
  const { proof } = makeReport({ ...OOM_KILLED, findings: [{ ...finding, host: "public" }] });
  assert.equal(proof[0]?.host, "from here");
});

test("a restart that is not recommended is never announced as help", () => {
  const { remediation } = OOM_KILLED;
  assert.ok(remediation);
  const report = makeReport({
    ...OOM_KILLED,
    remediation: { ...remediation, recommended: false, why: "Its start budget is used up." },
  });
  assert.equal(report.restart.answer, "not-advised");
  assert.equal(report.restart.why, "Its start budget is used up.");
  assert.match(report.headline, /A restart is not advised\.$/);
});

test("an undecided case never advises a restart, whatever its candidates say", () => {
  assert.equal(makeReport(INCONCLUSIVE).restart.answer, "not-advised");
  assert.equal(makeReport({ ...OOM_KILLED, outcome: "inconclusive" }).restart.answer, "not-advised");
});

test("three proofs are shown, the rest is kept for who asks, and a line is quoted once", () => {
  const { proof, furtherProof } = makeReport(OOM_KILLED);
  assert.deepEqual(
    proof.map(({ host }) => host),
    ["origin-1", "origin-1", "edge-1"],
  );
  assert.deepEqual(
    furtherProof.map(({ says }) => says),
    ["Nothing listens on 192.0.2.20:9000."],
  );
  const [first, second] = OOM_KILLED.findings;
  assert.ok(first?.quote && second);
  const twice = makeReport({
    ...OOM_KILLED,
    findings: [first, { ...second, quote: first.quote }, ...OOM_KILLED.findings.slice(2)],
  });
  assert.equal(twice.proof.filter(({ quote }) => quote === first.quote).length, 1);
});

test("other candidates come most likely first, with what speaks for and against them", () => {
  const { others } = makeReport(INCONCLUSIVE);
  assert.deepEqual(others, [
    {
      title: CAUSE_TITLES["upstream-not-running"],
      percent: 44,
      for: ["A connection from edge-1 to 192.0.2.20:9000 got no answer."],
      against: ["The log shows timeouts, not refusals."],
    },
    {
      title: CAUSE_TITLES["network-unreachable"],
      percent: 31,
      for: ["A connection from edge-1 to 192.0.2.20:9000 got no answer."],
      against: [],
    },
  ]);
});

test("the chosen cause and hardly possible ones are not listed again", () => {
  const titles = makeReport(OOM_KILLED).others.map(({ title }) => title);
  assert.deepEqual(titles, [CAUSE_TITLES["upstream-crash-loop"]]);
});

test("looks that failed for one reason on one host are one line with one fix", () => {
  const [only, ...more] = makeReport(OOM_KILLED).notChecked;
  assert.deepEqual(more, []);
  assert.deepEqual(only?.checks, ["firewall-rules", "conntrack"]);
  assert.match(only?.fix ?? "", /^Add `diag/);
});

test("moments are said by the clock and by their distance from the diagnosis", async (t) => {
  const moments = [
    ["2026-11-20T03:12:20.000Z", "03:12:20 UTC", "during this look"],
    ["2026-11-20T03:12:08.000Z", "03:12:08 UTC", "just now"],
    ["2026-11-20T03:11:29.120Z", "03:11:29 UTC", "40 s ago"],
    ["2026-11-20T02:12:09.120Z", "02:12:09 UTC", "60 min ago"],
    ["2026-11-19T21:12:09.120Z", "2026-11-19 21:12:09 UTC", "6 h ago"],
    ["2026-11-16T03:12:09.120Z", "2026-11-16 03:12:09 UTC", "4 days ago"],
  ] as const;
  for (const [at, clock, ago] of moments) {
    await t.test(ago, () => {
      const { since } = makeReport({ ...RECOVERED, onset: { first502At: at } });
      assert.deepEqual(since?.when, { at, clock, ago });
    });
  }
});

test("a share is never rounded to certainty", () => {
  const percent = (share: number) => makeReport({ ...OOM_KILLED, onset: { share } }).since?.percent;
  assert.deepEqual([0, 0.001, 0.4, 0.999, 1].map(percent), [0, 1, 40, 99, 100]);
});

test("the small print says who answered, how sure we are and how long it took", () => {
  assert.deepEqual(makeReport(OOM_KILLED).facts, [
    "HTTP 502 from the proxy",
    "upstream-oom-killed, 97 % sure",
    "looked for 1.8 s",
  ]);
  const silent = { ...HEALTHY, client: { status: null, mintedBy: "none" }, durationMs: 0 } as const;
  assert.deepEqual(makeReport(silent).facts, ["no HTTP answer"]);
});

test("every cause has a title of its own", () => {
  assert.equal(new Set(CAUSES.map((id) => CAUSE_TITLES[id])).size, CAUSES.length);
});
