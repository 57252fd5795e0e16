import { get } from "node:http";
import type { TestContext } from "node:test";

export interface ServerEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Follows a stream of events until the test ends or `close` is called. Beats are left out: they say nothing of the channel. */
export async function readEvents(
  t: TestContext,
  origin: string,
  headers: Readonly<Record<string, string>>,
  path = "/console/events",
): Promise<{ next(): Promise<ServerEvent>; close(): void; readonly ended: Promise<unknown> }> {
  const events: ServerEvent[] = [];
  const waiting: ((event: ServerEvent) => void)[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
  const { promise: opened, resolve: open } = Promise.withResolvers<unknown>();
  let text = "";
  const sent = get(`${origin}${path}`, { headers, agent: false }, (response) => {
    open(undefined);
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (let at = text.indexOf("\n\n"); at >= 0; at = text.indexOf("\n\n")) {
        const event = parse(text.slice(0, at));
        text = text.slice(at + 2);
        if (event.event === "beat") continue;
        const first = waiting.shift();
        if (first) first(event);
        else events.push(event);
      }
    });
    response.on("close", end);
  });
  sent.on("error", end);
  t.after(() => sent.destroy());
  await opened;
  return {
    ended,
    close: () => sent.destroy(),
    next() {
      const event = events.shift();
      return event ? Promise.resolve(event) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

function parse(block: string): ServerEvent {
  const fields = new Map(
    block
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return {
    id: fields.get("id"),
    event: fields.get("event") ?? "",
    data: JSON.parse(fields.get("data") ?? "{}"),
  };
}
