import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAlerts } from "../../../src/intake/alerts/parse-alerts.ts";
import { sampleBody, shippedMapping } from "./shipped-mapping.ts";

const SENDERS: readonly {
  readonly sample: string;
  readonly mapping: string;
  /** Status, fingerprint, title and start; none: the event is passed over. */
  readonly says?: readonly [status: string, fingerprint: string, title: string, startedAt: string];
  readonly site?: string;
}[] = [
  { sample: "betterstack-incident-acknowledged", mapping: "better-stack" },
  { sample: "betterstack-log-monitor-checked", mapping: "better-stack" },
  {
    sample: "checkly-recovery",
    mapping: "checkly",
    says: ["resolved", "927a2982-1007-4b81-b383-eae8bf717e61", "API Check #1", "2025-01-26T11:19:40.544Z"],
    site: "API Check #1",
  },
  {
    sample: "cloudflare-health-check",
    mapping: "cloudflare",
    says: [
      "firing",
      "000eaa907ed24e78946d3a93adb2ae57",
      "The description of my Cloudflare notification.",
      "2006-01-02T15:04:05.000Z",
    ],
    site: "string",
  },
  {
    sample: "gcp-monitoring-open",
    mapping: "google-cloud-monitoring",
    says: [
      "firing",
      "f2e08c333dc64cb09f75eaab355393bz",
      "CPU (agent) for webserver-85 is above the threshold of 1% with a value of 28.5%",
      "2017-07-06T19:10:14.000Z",
    ],
    site: "webserver-85",
  },
  {
    sample: "gcp-monitoring-closed",
    mapping: "google-cloud-monitoring",
    says: [
      "resolved",
      "f2e08c333dc64cb09f75eaab355393bz",
      "CPU (agent) for webserver-85 is above the threshold of 1% with a value of 28.5%",
      "2017-07-06T19:10:14.000Z",
    ],
    site: "webserver-85",
  },
  {
    sample: "newrelic-activated",
    mapping: "new-relic",
    says: [
      "firing",
      "c5faa7e6-7b54-402d-af79-f99601e0278c",
      "zulip_app query result is > 1.0 for 1 minutes on 'Zulip Server Low Storage'",
      "2024-04-22T03:05:31.352Z",
    ],
    site: "zulip_app",
  },
  {
    sample: "newrelic-closed",
    mapping: "new-relic",
    says: [
      "resolved",
      "95a9344a-2590-48ce-8d83-07e28b6d22c6",
      "main_app-UBUNTU query result is > 2.0 for 1 minutes on 'High CPU'",
      "2024-04-22T06:16:30.228Z",
    ],
    site: "main_app-UBUNTU",
  },
  {
    sample: "openstatus-recovered",
    mapping: "openstatus",
    says: ["resolved", "1", "test", "2025-04-07T11:01:45.307Z"],
    site: "http://openstat.us",
  },
  {
    sample: "opsgenie-create",
    mapping: "opsgenie",
    says: ["firing", "alert-alias", "another alert", "2017-08-14T11:25:56.288Z"],
    site: "Server",
  },
  {
    sample: "opsgenie-close",
    mapping: "opsgenie",
    says: ["resolved", "aliastest", "test alert", "2015-01-05T10:03:11.104Z"],
    site: "test alert",
  },
  {
    sample: "pagerduty-v3-incident-triggered",
    mapping: "pagerduty",
    says: ["firing", "PFQZPSY", "Test Incident 3", "2021-06-04T13:35:29.781Z"],
    site: "acme",
  },
  {
    sample: "pagerduty-v3-incident-resolved",
    mapping: "pagerduty",
    says: ["resolved", "PCPZE64", "Test Incident", "2021-06-04T13:16:53.816Z"],
    site: "acme",
  },
  { sample: "pagerduty-v3-incident-priority-updated", mapping: "pagerduty" },
  {
    sample: "sentry-issue-alert",
    mapping: "sentry",
    says: ["firing", "1117540176", "ReferenceError: heck is not defined", "2019-08-19T21:06:17.677Z"],
    site: "https://null.jsbin.com/runner",
  },
  {
    sample: "sentry-metric-alert-resolved",
    mapping: "sentry",
    says: ["resolved", "4", "Resolved: Too many errors", "2020-09-13T12:26:40.000Z"],
    site: "Too many errors",
  },
  {
    sample: "site24x7-down",
    mapping: "site24x7",
    says: ["firing", "https://example.com/test-page", "GoAlert Site24x7 Test", "2019-07-30T09:36:59.000Z"],
    site: "https://example.com/test-page",
  },
];

for (const { sample, mapping, says, site } of SENDERS) {
  test(`${sample} is ${says === undefined ? "passed over, and not refused" : says[0]}`, () => {
    const body = JSON.parse(sampleBody(sample).toString());
    const { alerts, ignored, problems } = parseAlerts(shippedMapping(mapping), body, { source: "x" });
    assert.deepEqual(problems, []);
    assert.equal(ignored.length, says === undefined ? 1 : 0);
    const [alert] = alerts;
    if (says === undefined) return assert.equal(alert, undefined);
    assert.ok(alert);
    assert.deepEqual([alert.status, alert.fingerprint, alert.title, alert.startedAt], says);
    assert.ok(site !== undefined && alert.candidates.includes(site));
  });
}

test("senders whose owner words the body say it in the words of most of them", () => {
  const statusOf = (status: string) =>
    parseAlerts(shippedMapping("generic"), { status, key: "a" }, { source: "x" }).alerts[0]?.status;
  for (const word of ["TRIGGERED", "PROBLEM", "Down", "Re-Triggered"]) assert.equal(statusOf(word), "firing");
  for (const word of ["RESOLVED", "OK", "Up", "Recovered"]) assert.equal(statusOf(word), "resolved");
  assert.equal(statusOf("Warn"), undefined);
});
