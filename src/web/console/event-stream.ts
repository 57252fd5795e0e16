import timers from "node:timers/promises";
import type { ConsoleView, ViewChange } from "./console-view.ts";

/** Tells a page whose bot or network went away without a word, and frees what a page that did so held. The page waits for two. */
const HEARTBEAT_MS = 15_000;
/** An event and no comment, which browsers keep from scripts: all there is to show was sent. */
const BEAT = eventText("beat", {});
/** The page comes back by itself, and must prove itself again. */
const LIFETIME_MS = 60 * 60 * 1000;
/** How long browsers wait before they come back. */
const RETRY_MS = 1000;

/**
 * The view as Server-Sent Events. A page that was here before goes on behind `lastEventId`, everybody else is told to start afresh. Changes
 * that come while a slow page reads become one. Source: html.spec.whatwg.org, 9.2.
 */
export function createEventStream(
  view: ConsoleView,
  { lastEventId, hello }: { readonly lastEventId: string | undefined; readonly hello: object },
): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  const endsAtMs = performance.now() + LIFETIME_MS;
  const resumed = readPosition(view, lastEventId);
  let position = resumed ?? 0;
  let opening = `retry: ${RETRY_MS}\n${
    resumed === undefined ? eventText("reset", hello) : eventText("resumed", hello)
  }`;

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let isBeat = true;
        if (opening === "") {
          isBeat = await waitForChange(view, position, gone.signal);
          if (gone.signal.aborted) return;
          if (view.isClosed() || performance.now() > endsAtMs) return controller.close();
        }
        const { upTo, changes } = view.changesSince(position);
        // the position goes with the last one: a batch that was cut short is sent again
        const texts = changes.map((change, n) =>
          eventText(...said(change), n === changes.length - 1 ? `${view.epoch}:${upTo}` : undefined),
        );
        controller.enqueue(Buffer.from([opening, ...texts, isBeat ? BEAT : ""].join("")));
        opening = "";
        position = upTo;
      },
      cancel() {
        gone.abort();
      },
    },
    { highWaterMark: 0 },
  );
}

/** True when nothing changed for a heartbeat. */
async function waitForChange(view: ConsoleView, position: number, gone: AbortSignal): Promise<boolean> {
  if (view.changesSince(position).upTo > position) return false;
  const enough = new AbortController();
  const signal = AbortSignal.any([gone, enough.signal]);
  try {
    return await Promise.race([
      view.nextChange(signal).then(() => false),
      timers.setTimeout(HEARTBEAT_MS, true, { signal, ref: false }).catch(() => false),
    ]);
  } finally {
    enough.abort();
  }
}

function readPosition(view: ConsoleView, lastEventId = ""): number | undefined {
  const [epoch, seq = ""] = lastEventId.split(":");
  return epoch === view.epoch && /^\d{1,12}$/.test(seq) ? Number(seq) : undefined;
}

function said({ kind, ...data }: ViewChange): [string, object] {
  return [kind, data];
}

/** JSON has no raw line break, so one `data` line holds it. */
function eventText(event: string, data: object, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
