import type { Intent } from "../../src/approval/intent.ts";
import type { Person } from "../../src/incident/person.ts";

export const NOW = Date.parse("2026-11-20T03:12:00.000Z");

export const ANA: Person = { surface: "slack", workspace: "T1", id: "U1", name: "ana" };
export const BEN: Person = { surface: "slack", workspace: "T1", id: "U2", name: "ben" };

/** A restart that is offered, with what a test is about put over it. */
export function makeTestIntent(over: Partial<Intent> = {}): Intent {
  return {
    key: "0123456789abcdef0123456789abcdef",
    incident: 7,
    diagnosis: "d-0123456789abcdef",
    site: "shop",
    host: "origin-1",
    hostKey: `SHA256:${"k".repeat(43)}`,
    service: { manager: "systemd", unit: "app.service" },
    identity: { id: "app.service", invocation: "a".repeat(32), bootId: "b".repeat(32) },
    risk: { takesAlong: [], startsLeft: 5, resetsBudget: false },
    cause: "upstream-not-running",
    why: "It is stopped.",
    argv: ["sudo", "-n", "restart", "app.service"],
    digest: "d".repeat(64),
    approvalsNeeded: 1,
    createdAt: "2026-11-20T03:00:00.000Z",
    approveBy: "2026-11-20T03:15:00.000Z",
    state: "awaiting",
    decisions: [],
    ...over,
  };
}
