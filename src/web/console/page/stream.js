import { isSignedIn } from "./api.js";

const COME_BACK_MS = 2000;

/**
 * Follows what the channel shows. The browser comes back by itself after a cut and names the last event it saw; only where it gives up
 * (an answer that is no stream) we try again, unless we are signed out.
 */
export function follow({ onReset, onMessage, onNote, onState }) {
  const source = new EventSource("/console/events");
  const read = (use) => (event) => use(JSON.parse(event.data));
  source.addEventListener("reset", read(onReset));
  source.addEventListener("message", read(onMessage));
  source.addEventListener("note", read(onNote));
  source.addEventListener("open", () => onState("connected"));
  source.addEventListener("error", async () => {
    if (source.readyState !== EventSource.CLOSED) return onState("away");
    if (!(await isSignedIn())) return onState("signed-out");
    onState("away");
    setTimeout(() => follow({ onReset, onMessage, onNote, onState }), COME_BACK_MS);
  });
}
