import type { Decision, Intent } from "../../src/approval/intent.ts";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import type { AuditEntry } from "../../src/incident/audit.ts";
import type { Person, Place } from "../../src/incident/person.ts";

/** The clock of tests: fixed, until it is moved. */
export const NOON = Date.parse("2026-11-20T12:00:00.000Z");

export const CHANNEL: Place = { surface: "slack", workspace: "T1", channel: "C1" };

export function makePerson(id: string): Person {
  return { surface: "slack", workspace: "T1", id, name: `name of ${id}` };
}

export function makeEntry(change: Partial<AuditEntry> = {}): AuditEntry {
  return { kind: "look-asked", actor: { kind: "bot" }, text: "somebody asked", ...change };
}

export function makeApproval(id: string, answer: Decision["answer"] = "approve"): Decision {
  return { answer, person: makePerson(id), at: "2026-11-20T12:01:00.000Z" };
}

export function makeIntent(change: Partial<Intent> = {}): Intent {
  return {
    key: "0123456789abcdef0123456789abcdef",
    incident: 1,
    diagnosis: "d-0123456789abcdef",
    site: "shop",
    host: "origin-1",
    hostKey: "SHA256:abc",
    service: { manager: "systemd", unit: "app.service" },
    identity: { id: "app.service", invocation: "inv-1", bootId: "boot-1" },
    risk: { takesAlong: [], startsLeft: 3, resetsBudget: false },
    cause: "upstream-not-running",
    why: "nothing listens",
    argv: ["systemctl", "restart", "app.service"],
    basis: "e".repeat(64),
    digest: "d".repeat(64),
    requestedBy: makePerson("U1"),
    approvalsNeeded: 1,
    createdAt: "2026-11-20T12:00:00.000Z",
    approveBy: "2026-11-20T12:15:00.000Z",
    state: "awaiting",
    decisions: [],
    ...change,
  };
}

export function makeDiagnosis(): Diagnosis {
  return {
    schema: "diagnose502/1",
    site: "shop",
    url: "https://shop.example.com/",
    startedAt: "2026-11-20T12:00:00.000Z",
    durationMs: 1840,
    client: { status: 502, mintedBy: "proxy" },
    outcome: "fault",
    cause: {
      id: "upstream-not-running",
      confidence: 0.97,
      hop: "upstream",
      summary: "nothing listens on 127.0.0.1:8080",
      restartHelps: "yes",
      restartWhy: "",
      evidence: ["f1"],
    },
    candidates: [{ id: "upstream-not-running", confidence: 0.97, for: ["f1"], against: [] }],
    findings: [
      { id: "f1", check: "unit-state", host: "origin-1", summary: "stopped", quote: "inactive (dead)" },
    ],
    onset: {
      first502At: "2026-11-20T11:58:00.000Z",
      lastChange: { what: "deploy", at: "2026-11-20T11:57:00.000Z" },
    },
    remediation: {
      kind: "restart-upstream",
      host: "origin-1",
      unit: "app.service",
      recommended: true,
      why: "it is stopped",
    },
    advice: ["look at the journal"],
    notChecked: [{ check: "firewall-rules", host: "edge-1", reason: "permission", fix: "allow nft" }],
    hops: [{ name: "proxy", host: "edge-1", state: "ok" }],
  };
}
