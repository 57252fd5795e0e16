import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parseAlertMapping } from "../../../src/intake/alerts/load-alert-mapping.ts";
import { parseAlerts } from "../../../src/intake/alerts/parse-alerts.ts";
import { SHIPPED_MAPPINGS, sampleBody, shippedMapping } from "./shipped-mapping.ts";

function parse(mapping: string, body: unknown) {
  return parseAlerts(shippedMapping(mapping), body, { source: "monitoring" });
}

function parseSample(mapping: string, name: string) {
  return parse(mapping, JSON.parse(sampleBody(name).toString()));
}

const SAMPLES = [
  {
    sample: "alertmanager-firing",
    mapping: "alertmanager",
    alerts: ["a1bc48475b20e73d", "c2ea85182f28cbd9"].map((fingerprint) => ({
      source: "monitoring",
      status: "firing",
      fingerprint,
      candidates: ["andromeda"],
      title: "High CPU core temperature",
      startedAt: "2020-02-06T00:17:58.432Z",
    })),
  },
  {
    sample: "grafana-firing",
    mapping: "grafana",
    alerts: [
      {
        source: "monitoring",
        status: "firing",
        fingerprint: "e6349a25f5ef0e9e",
        candidates: [],
        title: "High memory usage",
        startedAt: "2024-03-01T02:09:00.000Z",
      },
    ],
  },
  {
    sample: "grafana-resolved",
    mapping: "grafana",
    alerts: [
      {
        source: "monitoring",
        status: "resolved",
        fingerprint: "d8a21484c9c25a60",
        candidates: [],
        title: "This is a summary field, failure on <no value>",
        startedAt: "2022-06-17T00:41:00.782Z",
      },
    ],
  },
  {
    sample: "grafana-legacy-alerting",
    mapping: "grafana-legacy",
    alerts: [
      {
        source: "monitoring",
        status: "firing",
        fingerprint: "7",
        candidates: ["zeta.domain", "Zeta CPU alert"],
        title: "Zeta CPU alert",
      },
    ],
  },
  {
    sample: "grafana-legacy-ok",
    mapping: "grafana-legacy",
    alerts: [
      {
        source: "monitoring",
        status: "resolved",
        fingerprint: "7",
        candidates: ["Zeta CPU alert"],
        title: "Zeta CPU alert",
      },
    ],
  },
  {
    sample: "uptime-kuma-down-port-monitor",
    mapping: "uptime-kuma",
    alerts: [
      {
        source: "monitoring",
        status: "firing",
        fingerprint: "2",
        candidates: ["Port Monitor"],
        title: "Port Monitor",
      },
    ],
  },
  {
    sample: "uptime-kuma-up",
    mapping: "uptime-kuma",
    alerts: [
      {
        source: "monitoring",
        status: "resolved",
        fingerprint: "1",
        candidates: ["My Site", "https://example.com"],
        title: "My Site",
      },
    ],
  },
] as const;

for (const { sample, mapping, alerts } of SAMPLES) {
  test(`${sample} is understood`, () => {
    assert.deepEqual(parseSample(mapping, sample), { alerts, ignored: [], problems: [] });
  });
}

test("an alert without a fingerprint is known by its labels, in whatever order they come", () => {
  const [{ fingerprint } = { fingerprint: "" }] = parseSample(
    "alertmanager",
    "alertmanager-firing-no-fingerprint",
  ).alerts;
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  const alert = (labels: object) => ({ alerts: [{ status: "firing", labels }] });
  const [swapped] = parse("alertmanager", alert({ severity: "critical", alertname: "thing_dead" })).alerts;
  const [other] = parse("alertmanager", alert({ severity: "critical", alertname: "thing_alive" })).alerts;
  assert.equal(swapped?.fingerprint, fingerprint);
  assert.notEqual(other?.fingerprint, fingerprint);
});

test("the least a sender says is enough; what the group has in common helps to find the site", () => {
  const { alerts } = parseSample("alertmanager", "alertmanager-minimal");
  assert.deepEqual(alerts[0]?.candidates, ["foobar"]);
  assert.equal(alerts[0]?.title, "My alert summary");
});

test("a test send is passed over, and it is said why", () => {
  assert.deepEqual(parseSample("grafana", "grafana-12-test-firing"), {
    alerts: [],
    ignored: ["the test button of a contact point"],
    problems: [],
  });
  assert.deepEqual(parse("uptime-kuma", { heartbeat: null, monitor: null, msg: "Test" }).ignored, [
    "the test button or a notice without a monitor",
  ]);
  assert.equal(parse("alertmanager", { alerts: [{ labels: { alertname: "Watchdog" } }] }).ignored.length, 1);
});

test("a Grafana that could not ask its data source says nothing about the site, and that is said", () => {
  const why = "Grafana could not ask its data source, or got no data; that says nothing about the site";
  for (const alertname of ["DatasourceError", "DatasourceNoData"]) {
    const labels = { alertname, rulename: "Shop answers 502", datasource_uid: "prometheus", site: "shop" };
    const annotations = { summary: "Shop answers 502" };
    const alerts = [{ status: "firing", labels, annotations }];
    for (const mapping of ["grafana", "alertmanager"]) {
      assert.deepEqual(parse(mapping, { alerts }), { alerts: [], ignored: [why], problems: [] }, mapping);
    }
    const body = { status: "firing", key: "a", labels };
    assert.deepEqual(parse("generic", body), { alerts: [], ignored: [why], problems: [] });
  }
  for (const evalMatches of [null, []]) {
    const body = { ruleId: 7, ruleName: "Shop answers 502", state: "alerting", evalMatches };
    assert.deepEqual(parse("grafana-legacy", body), { alerts: [], ignored: [why], problems: [] });
  }
});

test("a group that still fires may hold alerts that are over", () => {
  const one = (status: string, fingerprint: string) => ({ status, fingerprint, labels: {} });
  const { alerts } = parse("alertmanager", {
    status: "firing",
    alerts: [one("resolved", "a"), one("firing", "b")],
  });
  assert.deepEqual(
    alerts.map(({ status, fingerprint }) => [status, fingerprint]),
    [
      ["resolved", "a"],
      ["firing", "b"],
    ],
  );
});

test("pending and maintenance are neither trouble nor its end", () => {
  for (const status of [2, 3]) {
    const { alerts, ignored } = parse("uptime-kuma", { monitor: { id: 1 }, heartbeat: { status } });
    assert.deepEqual([alerts.length, ignored.length], [0, 1]);
  }
});

test("the status code is found in its field, else in prose, else it is unknown", () => {
  const kuma = (msg: string) => ({ monitor: { id: 1 }, heartbeat: { status: 0, msg } });
  assert.equal(parse("uptime-kuma", kuma("Request failed with status code 502")).alerts[0]?.statusCode, 502);
  assert.equal(parse("uptime-kuma", kuma("timeout of 48000ms exceeded")).alerts[0]?.statusCode, undefined);
  assert.equal(
    parse("generic", { status: "firing", key: "a", statusCode: "504" }).alerts[0]?.statusCode,
    504,
  );
});

const WRONG = [
  { title: "no list of alerts", body: { status: "firing" }, problem: "alerts is not a list" },
  {
    title: "no status",
    body: { alerts: [{ fingerprint: "a" }] },
    problem: "alerts[0].status or status is missing; expected one of firing, resolved",
  },
  {
    title: "a status nobody knows",
    body: { alerts: [{ fingerprint: "a", status: "burning" }] },
    problem: 'alerts[0].status or status is "burning"; expected one of firing, resolved',
  },
  {
    title: "nothing to know it by",
    body: { alerts: [{ status: "firing" }] },
    problem: "alerts[0].fingerprint is missing, and alerts[0].labels holds no labels",
  },
  { title: "no object", body: [1, "two"], problem: "alerts is not a list" },
];

for (const { title, body, problem } of WRONG) {
  test(`a body with ${title} is refused, and the field is named`, () => {
    assert.deepEqual(parse("alertmanager", body), { alerts: [], ignored: [], problems: [problem] });
  });
}

test("one alert that cannot be understood does not take the others along", () => {
  const { alerts, problems } = parse("alertmanager", {
    alerts: [{ status: "firing", fingerprint: "a" }, null],
  });
  assert.deepEqual([alerts.length, problems.length], [1, 1]);
});

test("the mapping in the documentation is a correct one", () => {
  const docs = readFileSync(join(import.meta.dirname, "../../../docs/alerts.md"), "utf8");
  const [, yaml = ""] = /```yaml\n(title: Example Monitor[\s\S]*?)```/.exec(docs) ?? [];
  assert.equal(parseAlertMapping(yaml, { file: "docs" }).title, "Example Monitor");
});

test("the documentation names every shipped mapping", () => {
  const docs = readFileSync(join(import.meta.dirname, "../../../docs/alerts.md"), "utf8");
  for (const name of readdirSync(SHIPPED_MAPPINGS)) {
    assert.ok(docs.includes(`| \`${name.replace(/\.yaml$/, "")}\` |`), name);
  }
});

test("every shipped mapping is a correct file", () => {
  const names = readdirSync(SHIPPED_MAPPINGS).map((file) => file.replace(/\.yaml$/, ""));
  assert.deepEqual(names.sort(), ["alertmanager", "generic", "grafana", "grafana-legacy", "uptime-kuma"]);
  for (const name of names) assert.ok(shippedMapping(name).title.length > 0);
});

test("senders whose owner words the body say it in the words of most of them", () => {
  const statusOf = (status: string) => parse("generic", { status, key: "a" }).alerts[0]?.status;
  for (const word of ["TRIGGERED", "PROBLEM", "Down", "Critical"]) assert.equal(statusOf(word), "firing");
  for (const word of ["RESOLVED", "OK", "Up", "Recovered"]) assert.equal(statusOf(word), "resolved");
  assert.equal(statusOf("Warning"), undefined);
});

const MINIMAL = `
title: Own
proofs: [token]
status: { fields: [state], values: { 1: firing, 0: resolved }, default: ignored }
fingerprint: { fields: [group, id] }
candidates: [check.url]
name: [check.name]
startedAt: { fields: [at], format: seconds }
`;

test("a mapping of one's own reads numbers, nested fields, joined fingerprints and Unix time", () => {
  const mapping = parseAlertMapping(MINIMAL, { file: "own.yaml" });
  const body = {
    state: 1,
    group: "g",
    id: 4,
    check: { url: "https://shop.example.com/", name: "shop" },
    at: 1_700_000_000,
  };
  assert.deepEqual(parseAlerts(mapping, body, { source: "own" }).alerts, [
    {
      source: "own",
      status: "firing",
      fingerprint: "g/4",
      candidates: ["https://shop.example.com/"],
      title: "shop",
      startedAt: "2023-11-14T22:13:20.000Z",
    },
  ]);
  assert.equal(parseAlerts(mapping, { ...body, state: "hm" }, { source: "own" }).ignored.length, 1);
});

const WRONG_MAPPINGS: readonly (readonly [string, string, RegExp])[] = [
  [
    "a key nobody knows",
    MINIMAL.replace("candidates:", "candidate:"),
    /own\.yaml:\d+:1: .*did you mean "candidates"/,
  ],
  ["an expression for a path", MINIMAL.replace("[state]", "['state[0]']"), /is not a path/],
  ["signatures without a scheme", MINIMAL.replace("[token]", "[token, hmac]"), /hmac: belongs to proofs/],
  [
    "a status that means nothing",
    MINIMAL.replace("1: firing", "1: burning"),
    /must be firing, resolved or ignored/,
  ],
];

for (const [title, yaml, message] of WRONG_MAPPINGS) {
  test(`a mapping with ${title} is refused with its place`, () => {
    assert.throws(() => parseAlertMapping(yaml, { file: "own.yaml" }), { code: "CONFIG_INVALID", message });
  });
}

test("no body makes a mapping throw, and what it gives is bounded", () => {
  const mappings = ["alertmanager", "grafana", "grafana-legacy", "uptime-kuma", "generic"].map(
    shippedMapping,
  );
  const keys = [
    "alerts",
    "status",
    "labels",
    "annotations",
    "fingerprint",
    "monitor",
    "heartbeat",
    "state",
    "key",
    "id",
    "startsAt",
  ];
  const body = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(fc.jsonValue(), fc.constantFrom("firing", "resolved", 0, 1, null)),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...keys), tie("value")),
    ),
  })).value;
  fc.assert(
    fc.property(body, fc.constantFrom(...mappings), (value, mapping) => {
      const { alerts } = parseAlerts(mapping, value, { source: "x" });
      for (const { fingerprint, candidates, title } of alerts) {
        assert.match(fingerprint, /^[\x20-\x7e]{1,200}$/);
        assert.ok(title.length > 0 && title.length <= 2000);
        assert.ok(candidates.length <= 30 && candidates.every((text) => text.length <= 2000));
      }
    }),
    { numRuns: 5000 },
  );
});
