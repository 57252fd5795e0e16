import { isSignedIn } from "./api.js";

const COME_BACK_MS = 2000;
/** Two beats of the bot and a little more (HEARTBEAT_MS in event-stream.ts). */
const SILENT_MS = 35_000;
/** A new stream begins sooner, or went out over a connection that is dead. */
const OPENING_MS = 10_000;
const CHECK_MS = 5000;

/**
 * Follows what the channel shows, and says `connected` only while all of it is here. The browser comes back by itself after a cut that it
 * notices. Where it gives up, where nothing was heard for too long, and whenever the page is looked at again, a new stream goes on behind
 * the last event of the one before.
 */
export function follow({ onReset, onMessage, onNote, onState }) {
  let source;
  let position = "";
  /** By the clock on the wall: it goes on while the machine sleeps. */
  let heardAt;
  let patienceMs;
  let state = "connecting";
  let comingBack;

  function tell(next) {
    if (next === state) return;
    state = next;
    onState(state);
  }

  function open() {
    clearTimeout(comingBack);
    source?.close();
    heardAt = Date.now();
    patienceMs = OPENING_MS;
    const opened = new EventSource(`/console/events?after=${encodeURIComponent(position)}`);
    source = opened;
    const on = (name, use) =>
      opened.addEventListener(name, (event) => {
        heardAt = Date.now();
        patienceMs = SILENT_MS;
        if (event.lastEventId !== "") position = event.lastEventId;
        use(JSON.parse(event.data));
      });
    on("reset", onReset);
    on("resumed", () => undefined);
    on("message", onMessage);
    on("note", onNote);
    on("beat", () => tell("connected"));
    opened.addEventListener("error", async () => {
      const isGivenUp = opened.readyState === EventSource.CLOSED;
      const isOut = isGivenUp && !(await isSignedIn());
      if (source !== opened) return;
      tell(isOut ? "signed-out" : "away");
      if (isGivenUp && !isOut) comingBack = setTimeout(open, COME_BACK_MS);
    });
  }

  /** For when the stream may be dead without knowing. */
  function reopen() {
    tell("connecting");
    open();
  }

  open();
  setInterval(() => {
    if (state === "signed-out" || Date.now() - heardAt < patienceMs) return;
    tell("away");
    open();
  }, CHECK_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && reopen());
  addEventListener("online", reopen);
  addEventListener("pageshow", (event) => event.persisted && reopen());
  return { reopen };
}
