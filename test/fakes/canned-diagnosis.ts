import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import type { DiagnosisRequest } from "../../src/intake/diagnosis-request.ts";

/** A site whose every hop is fine. */
export function healthyDiagnosis(
  { site, url }: DiagnosisRequest,
  about: { readonly startedAt: string; readonly host: string; readonly unit: string },
): Diagnosis {
  return {
    schema: "diagnose502/1",
    site,
    url,
    startedAt: about.startedAt,
    durationMs: 5,
    client: { status: 200, mintedBy: "app" },
    outcome: "healthy",
    cause: null,
    candidates: [],
    findings: [],
    onset: {},
    remediation: null,
    advice: [],
    notChecked: [],
    hops: [
      { name: "proxy", host: "edge-1", state: "ok" },
      { name: about.unit, host: about.host, state: "ok" },
    ],
  };
}

/** A site whose unit is stopped, and which a restart would bring back. */
export function stoppedDiagnosis(
  request: DiagnosisRequest,
  about: { readonly startedAt: string; readonly host: string; readonly unit: string },
): Diagnosis {
  const { startedAt, host, unit } = about;
  const why = "It is stopped, and a start brings it back.";
  return {
    ...healthyDiagnosis(request, about),
    client: { status: 502, mintedBy: "proxy" },
    outcome: "fault",
    cause: {
      id: "upstream-not-running",
      confidence: 0.96,
      hop: "upstream",
      summary: `${unit} on ${host} is stopped.`,
      restartHelps: "yes",
      restartWhy: why,
      evidence: ["f1"],
    },
    candidates: [{ id: "upstream-not-running", confidence: 0.96, for: ["f1"], against: [] }],
    findings: [
      {
        id: "f1",
        check: "unit-state",
        host,
        summary: `${unit} is inactive.`,
        quote: "inactive (dead)",
        at: startedAt,
      },
    ],
    remediation: { kind: "restart-upstream", host, unit, recommended: true, why },
    hops: [
      { name: "proxy", host: "edge-1", state: "ok" },
      { name: unit, host, state: "broken" },
    ],
  };
}
