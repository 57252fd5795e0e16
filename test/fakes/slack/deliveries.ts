import { createHmac } from "node:crypto";
import type { Body } from "./body.ts";
import type { SocketMode } from "./socket-mode.ts";
import type { World } from "./world.ts";

/** After three seconds Slack shows the person an error. */
const ACK_WITHIN_MS = 3000;

/** What an app answered: `acked` false is an error in the person's face. */
export interface Answer {
  readonly acked: boolean;
  readonly payload: unknown;
}

/** How payloads reach the app: over its socket, or over HTTP once a test names an address. */
export interface Deliveries {
  url: string | undefined;
  send(kind: "command" | "interactive" | "event", payload: Body): Promise<Answer>;
  /** One request as Slack signs it, with whatever a test changes about it. */
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<{ status: number; text: string }>;
  signatureOf(body: string, timestamp?: string, secret?: string): Record<string, string>;
}

const ENVELOPES = { command: "slash_commands", interactive: "interactive", event: "events_api" } as const;

export function createDeliveries(world: World, socketMode: SocketMode): Deliveries {
  function signatureOf(
    body: string,
    timestamp = String(Math.floor(world.now() / 1000)),
    secret = world.signingSecret,
  ): Record<string, string> {
    const signature = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
    return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${signature}` };
  }

  async function post(body: string, headers: Readonly<Record<string, string>> = {}) {
    const contentType = body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded";
    const response = await fetch(deliveries.url ?? "", {
      method: "POST",
      body,
      headers: { "content-type": contentType, ...signatureOf(body), ...headers },
    });
    return { status: response.status, text: await response.text() };
  }

  async function sendOverHttp(kind: keyof typeof ENVELOPES, payload: Body): Promise<unknown> {
    const { status, text } = await post(bodyOf(kind, payload));
    if (status !== 200) throw new Error(`answered ${status}`);
    return parseAnswer(text);
  }

  async function send(kind: keyof typeof ENVELOPES, payload: Body): Promise<Answer> {
    const sentAt = world.now();
    try {
      const answer =
        deliveries.url === undefined
          ? await socketMode.deliver(ENVELOPES[kind], payload, kind !== "event")
          : await sendOverHttp(kind, payload);
      const acked = world.now() - sentAt <= ACK_WITHIN_MS;
      world.requests.push(`${kind} ${acked ? "acknowledged" : "acknowledged too late"}`);
      return { acked, payload: answer };
    } catch (error) {
      world.requests.push(`${kind} not acknowledged: ${error instanceof Error ? error.message : error}`);
      return { acked: false, payload: undefined };
    }
  }

  const deliveries: Deliveries = { url: undefined, send, post, signatureOf };
  return deliveries;
}

/** Commands and interactions are forms, events are JSON. */
function bodyOf(kind: keyof typeof ENVELOPES, payload: Body): string {
  if (kind === "event") return JSON.stringify(payload);
  if (kind === "interactive") return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return new URLSearchParams(
    Object.entries(payload).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

/** An empty answer, text for the person, or JSON. */
function parseAnswer(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}
