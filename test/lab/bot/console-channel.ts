import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Card } from "../../../src/report/card.ts";
import type { Channel } from "./channel.ts";

interface Shown {
  card: Card;
  readonly notes: string[];
}

/** The console as a browser uses it: a cookie for the key, server-sent events in, JSON out. */
export async function openConsoleChannel(key: string, origin: string): Promise<Channel> {
  const shown = new Map<string, Shown>();
  let cookie = "";
  const signedIn = Promise.withResolvers<void>();

  /** Until the bot can be reached, and again after it was gone. */
  async function watch(): Promise<void> {
    try {
      const { headers } = await fetch(`${origin}/?key=${key}`, { redirect: "manual" });
      cookie = (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
      const { body } = await fetch(`${origin}/console/events`, { headers: { cookie } });
      signedIn.resolve();
      if (body !== null) await read(body);
    } catch {
      // the bot is not there yet, or no longer
    }
  }

  async function read(body: ReadableStream): Promise<void> {
    let event = "";
    for await (const line of createInterface({ input: Readable.fromWeb(body) })) {
      if (line.startsWith("event: ")) event = line.slice("event: ".length);
      if (!line.startsWith("data: ")) continue;
      const { id, card, note } = JSON.parse(line.slice("data: ".length));
      if (event === "message") shown.set(id, { card, notes: shown.get(id)?.notes ?? [] });
      if (event === "note") shown.get(id)?.notes.push(note.text);
    }
  }

  async function post(what: string, body: object): Promise<void> {
    await signedIn.promise;
    const id = randomBytes(16).toString("hex");
    const headers = { cookie, origin, "content-type": "application/json", "idempotency-key": id };
    const response = await fetch(`${origin}/console/${what}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
  }

  let isClosed = false;
  const watching = (async () => {
    while (!isClosed) {
      await watch();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();

  return {
    env: {},
    chat: {},
    approvers: { console: ["root"] },
    messages: () =>
      [...shown].map(([id, { card, notes }]) => ({
        id,
        text: [card.headline, card.action?.title, card.action?.status].filter(Boolean).join("\n"),
        buttons: card.buttons.map(({ label }) => label),
        thread: notes,
      })),
    command: (site) => post("command", { text: `/diagnose502 ${site}` }),
    async press(messageId, label) {
      const button = shown.get(messageId)?.card.buttons.find((one) => one.label === label);
      await post("press", { action: button?.action, value: button?.value, messageId });
    },
    async close() {
      isClosed = true;
      await watching;
    },
  };
}
