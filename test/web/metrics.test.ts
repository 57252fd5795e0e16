import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetricsGuard, WeakMetricsTokenError } from "../../src/web/guards.ts";
import { createMetrics } from "../../src/web/metrics.ts";
import { ask } from "./ask.ts";
import { openWeb, SILENT } from "./open-web.ts";

function create(open = 0) {
  return createMetrics({ alertSources: ["grafana"], openIncidents: async () => open, log: SILENT });
}

test("Prometheus can read what happened", async (t) => {
  const metrics = create(2);
  metrics.diagnosed("fault", 1840);
  metrics.restart("approved");
  metrics.restart("done");
  metrics.alert("grafana", "stored");
  metrics.acknowledged("slack", 12);
  metrics.connected("discord", false);
  metrics.connected("slack", true);
  const { origin } = await openWeb(t, { metrics });
  const { headers, text } = await ask(`${origin}/metrics`);
  assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  for (const line of [
    "diagnose502_incidents_open 2",
    'diagnose502_diagnosis_seconds_bucket{le="2",outcome="fault"} 1',
    'diagnose502_diagnosis_seconds_bucket{le="1",outcome="fault"} 0',
    'diagnose502_restarts_total{state="done"} 1',
    'diagnose502_alert_requests_total{source="grafana",result="stored"} 1',
    'diagnose502_ack_seconds_count{surface="slack"} 1',
    'diagnose502_surface_connected{surface="discord"} 0',
    'diagnose502_surface_connected{surface="slack"} 1',
  ]) {
    assert.ok(text.split("\n").includes(line), line);
  }
  assert.match(text, /^nodejs_eventloop_lag_p99_seconds \d/m);
});

test("a name that is not in the config cannot become a label, however many come", async () => {
  const metrics = create();
  for (let n = 0; n < 1000; n++) metrics.alert(`stranger"} ${n}\n`, "refused");
  const text = await metrics.text();
  assert.doesNotMatch(text, /stranger/);
  assert.match(text, /^diagnose502_alert_requests_total\{source="unknown",result="refused"\} 1000$/m);
});

test("a store that cannot count takes one line away from the reader, and is said in the log", async (t) => {
  const said: unknown[] = [];
  let isAway = false;
  const metrics = createMetrics({
    alertSources: [],
    openIncidents: () =>
      isAway ? Promise.reject(new Error("no such table: incidents")) : Promise.resolve(3),
    log: { ...SILENT, warn: (...words) => void said.push(words) },
  });
  metrics.restart("done");
  const { origin } = await openWeb(t, { metrics });
  assert.match((await ask(`${origin}/metrics`)).text, /^diagnose502_incidents_open 3$/m);
  isAway = true;
  const { status, text } = await ask(`${origin}/metrics`);
  assert.equal(status, 200);
  assert.match(text, /^diagnose502_restarts_total\{state="done"\} 1$/m);
  assert.doesNotMatch(text, /^diagnose502_incidents_open|table/m);
  assert.deepEqual(said, [
    [{ reason: "Error: no such table: incidents" }, "open incidents could not be counted"],
  ]);
});

test("a token that could be guessed, or that no header can carry, is refused at the start", () => {
  for (const [token, said] of [
    ["fifteen-letters", "has 15 characters, and needs 16 or more"],
    ["sixteen with space", "holds spaces"],
    ["sixteen-letters-é", "beyond ASCII"],
    ["x".repeat(513), "longer than 512"],
  ] as const) {
    assert.throws(
      () => createMetricsGuard({ token, isProxied: false }),
      (error) =>
        error instanceof WeakMetricsTokenError &&
        error.message.includes(said) &&
        !error.message.includes(token),
    );
  }
  createMetricsGuard({ token: "sixteen-letters.", isProxied: false });
});
