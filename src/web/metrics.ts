import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { IntentState } from "../approval/intent.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { SurfaceName } from "../incident/person.ts";
import type { AlertResult } from "../intake/alerts/alert-receiver.ts";
import type { Log } from "../workflow/log.ts";

/** What is counted. Labels are words of ours and names from the config: no text of others can become one. */
export interface Metrics {
  diagnosed(outcome: Diagnosis["outcome"] | "failed", durationMs: number): void;
  /** Each time an intent reaches a state. */
  restart(state: IntentState): void;
  /** `source`: its name in the config; any other counts as `unknown`. */
  alert(source: string, result: AlertResult): void;
  /** From a person's click or command to the first answer. */
  acknowledged(surface: SurfaceName, durationMs: number): void;
  connected(surface: SurfaceName, isConnected: boolean): void;
  readonly contentType: string;
  /** Prometheus's text format. */
  text(): Promise<string>;
}

const DIAGNOSIS_SECONDS = [0.5, 1, 2, 3, 5, 10, 20, 45, 120];
/** Slack and Discord give up after three seconds. */
const ACK_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3];

/** `openIncidents` is asked whenever the metrics are read; where it fails, only its own line is missing. */
export function createMetrics({
  alertSources,
  openIncidents,
  log,
}: {
  readonly alertSources: readonly string[];
  readonly openIncidents: () => Promise<number>;
  readonly log: Log;
}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // the lag of the event loop is among them
  collectDefaultMetrics({ register: registry });

  new Gauge({
    name: "diagnose502_incidents_open",
    help: "Incidents that are open.",
    registers,
    async collect() {
      this.remove();
      try {
        this.set(await openIncidents());
      } catch (error) {
        log.warn({ reason: String(error) }, "open incidents could not be counted");
      }
    },
  });
  const diagnoses = new Histogram({
    name: "diagnose502_diagnosis_seconds",
    help: "Diagnoses by outcome, from the request to the verdict.",
    labelNames: ["outcome"],
    buckets: DIAGNOSIS_SECONDS,
    registers,
  });
  const restarts = new Counter({
    name: "diagnose502_restarts_total",
    help: "Restarts by the states they reached.",
    labelNames: ["state"],
    registers,
  });
  const alerts = new Counter({
    name: "diagnose502_alert_requests_total",
    help: "Requests of alert senders by their name in the config and what became of them.",
    labelNames: ["source", "result"],
    registers,
  });
  const acks = new Histogram({
    name: "diagnose502_ack_seconds",
    help: "From a click or command to the first answer.",
    labelNames: ["surface"],
    buckets: ACK_SECONDS,
    registers,
  });
  const surfaces = new Gauge({
    name: "diagnose502_surface_connected",
    help: "1 while the chat platform is connected.",
    labelNames: ["surface"],
    registers,
  });

  return {
    diagnosed: (outcome, durationMs) => diagnoses.observe({ outcome }, durationMs / 1000),
    restart: (state) => restarts.inc({ state }),
    alert: (source, result) =>
      alerts.inc({ source: alertSources.includes(source) ? source : "unknown", result }),
    acknowledged: (surface, durationMs) => acks.observe({ surface }, durationMs / 1000),
    connected: (surface, isConnected) => surfaces.set({ surface }, isConnected ? 1 : 0),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
