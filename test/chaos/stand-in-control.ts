import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Intent, ServiceRef } from "../../src/approval/intent.ts";
import { KEY_WORD } from "../../src/approval/make-intent.ts";
import type { RestartOutcome, ServiceControl } from "../../src/remediate/service-control.ts";
import type { StandInAnswer, StandInQuestion } from "./stand-in-host.ts";

const BOOT = "b".repeat(32);

/** The hand on a stand-in host. */
export function createStandInControl(socket: string): ServiceControl {
  /** Undefined when the connection broke. */
  async function ask(question: StandInQuestion): Promise<StandInAnswer | undefined> {
    const connection = connect(socket);
    connection.on("error", () => undefined);
    connection.write(`${JSON.stringify(question)}\n`);
    for await (const line of createInterface({ input: connection })) return JSON.parse(line);
    return undefined;
  }

  return {
    async read(_host, service) {
      const unit = unitOf(service);
      const answer = await ask({ verb: "read", unit });
      if (answer === undefined) return { kind: "unreadable", why: "it does not answer", hint: "Look again." };
      const { invocation } = answer;
      return {
        kind: "read",
        identity: { id: unit, invocation, bootId: BOOT },
        hostKey: "SHA256:stand-in",
        risk: { takesAlong: [], startsLeft: null, resetsBudget: false },
        argv: ["restart", unit, KEY_WORD, invocation],
        state: "active (running)",
        helper: true,
      };
    },
    async restart(_host, { key, identity }, { isFresh }) {
      if (isFresh?.() === false) return { kind: "not-done", text: "It was too late to send it." };
      const { id: unit, invocation: expected } = identity;
      return outcomeOf(await ask({ verb: "restart", unit, key, expected }), unit);
    },
    async ask(_host, { key, identity }: Intent) {
      return outcomeOf(await ask({ verb: "status", unit: identity.id, key }), identity.id);
    },
    forget: async () => undefined,
  };
}

function outcomeOf(answer: StandInAnswer | undefined, id: string): RestartOutcome {
  switch (answer?.word) {
    case "done":
      return {
        kind: "done",
        identity: { id, invocation: answer.invocation, bootId: BOOT },
        text: `${id} was restarted.`,
      };
    case "stale":
      return { kind: "refused", text: `${id} was started anew since.`, hint: "Look again." };
    case "taken":
      return { kind: "not-done", text: "It never arrived, and cannot any more." };
    case "begun":
    case "known":
    case undefined:
      return { kind: "no-answer", text: "It may be under way." };
  }
}

function unitOf(service: ServiceRef): string {
  return service.manager === "systemd" ? service.unit : "";
}
