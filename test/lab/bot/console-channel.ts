import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** The console as a browser uses it: a cookie for the key, server-sent events in, JSON out. */
export class ConsoleChannel {
  readonly #origin: string;
  readonly #cookie: string;

  private constructor(origin: string, cookie: string) {
    this.#origin = origin;
    this.#cookie = cookie;
  }

  /** Signs in with the address that the bot printed. */
  static async open(address: string): Promise<ConsoleChannel> {
    const { headers } = await fetch(address, { redirect: "manual" });
    const [cookie = ""] = (headers.get("set-cookie") ?? "").split(";");
    return new ConsoleChannel(new URL(address).origin, cookie);
  }

  async post(what: "command" | "press", body: object): Promise<object> {
    const response = await fetch(`${this.#origin}/console/${what}`, {
      method: "POST",
      headers: { cookie: this.#cookie, origin: this.#origin, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
    return (await response.json()) as object;
  }

  /** Tells every message and note until the bot ends. */
  async watch(tell: (change: object) => void): Promise<void> {
    const { body, status } = await fetch(`${this.#origin}/console/events`, {
      headers: { cookie: this.#cookie },
    });
    if (body === null || status !== 200) throw new Error(`events: ${status}`);
    let event = "";
    try {
      for await (const line of createInterface({ input: Readable.fromWeb(body) })) {
        if (line.startsWith("event: ")) event = line.slice("event: ".length);
        if (line.startsWith("data: ") && (event === "message" || event === "note")) {
          tell({ kind: event, ...JSON.parse(line.slice("data: ".length)) });
        }
      }
    } catch {
      // the bot ended, and its connections with it
    }
  }
}
