import { Agent, request } from "node:http";
import { z } from "zod";

/**
 * A process that floods the alert intake from many connections, each sending its next request as soon as the last one is answered: without
 * a secret, with a wrong one, and with the right one of a source of its own for sites that do not exist, in turns. Arguments: port, ms.
 * The secret is in LOUD_TOKEN. Tells the parent how many got which status.
 */
const CONNECTIONS = 64;

const [port, durationMs] = z.tuple([z.coerce.number(), z.coerce.number()]).parse(process.argv.slice(2));
const secret = process.env.LOUD_TOKEN ?? "";
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const SECRETS = [undefined, `${secret.slice(0, -1)}x`, secret];
const statuses: Record<string, number> = {};
let sent = 0;

function bodyOf(index: number): string {
  const labels = { alertname: "BadGateway", site: `invented-${index}` };
  const alert = {
    status: "firing",
    fingerprint: `invented-${index}`,
    labels,
    startsAt: new Date().toISOString(),
  };
  return JSON.stringify({ version: "4", status: "firing", alerts: [alert] });
}

function send(index: number): Promise<number> {
  const given = SECRETS[index % SECRETS.length];
  const headers = {
    "content-type": "application/json",
    ...(given === undefined ? {} : { authorization: `Bearer ${given}` }),
  };
  return new Promise((resolve) => {
    const sending = request(
      { host: "127.0.0.1", port, path: "/alerts/loud", method: "POST", agent, headers },
      (response) => {
        response.resume();
        response.once("close", () => resolve(response.statusCode ?? 0));
      },
    );
    sending.once("error", () => resolve(0));
    sending.end(bodyOf(index));
  });
}

async function flood(until: number): Promise<void> {
  while (performance.now() < until) {
    const status = await send(sent++);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}

const until = performance.now() + durationMs;
await Promise.all(Array.from({ length: CONNECTIONS }, () => flood(until)));
agent.destroy();
process.send?.({ statuses });
process.disconnect?.();
