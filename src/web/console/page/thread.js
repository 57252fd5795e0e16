import { drawProof, drawQuote } from "./card.js";
import { byId, el } from "./dom.js";

/** The panel beside the channel that holds what was said about one incident. */
export function createThread({ onClose }) {
  const panel = byId("thread");
  const list = byId("notes");
  let shown;

  function close() {
    if (shown === undefined) return;
    const message = shown;
    shown = undefined;
    panel.hidden = true;
    document.body.classList.remove("has-thread");
    onClose(message);
  }

  byId("thread-close").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  return {
    open(message) {
      shown = message.id;
      byId("thread-title").textContent = `Thread of #${message.card.incident}`;
      list.replaceChildren(...[...message.notes.values()].map((note) => drawNote(note, message)));
      panel.hidden = false;
      document.body.classList.add("has-thread");
      byId("thread-title").focus();
      list.scrollTop = list.scrollHeight;
    },
    /** Adds a note if its thread is the one that is open. */
    add(note, message) {
      if (shown !== message.id) return;
      list.append(drawNote(note, message));
      list.scrollTop = list.scrollHeight;
    },
    close,
  };
}

function drawNote({ key, text, quotes, details, file, loud }, { card }) {
  return el(
    "li",
    { class: loud ? "note loud" : "note" },
    el("p", { class: "note-text", dir: "auto" }, text),
    quotes.map(drawQuote),
    details && [drawProof(details.proof), drawOthers(details.others), drawNotChecked(details.notChecked)],
    file &&
      el(
        "a",
        {
          class: "file",
          href: `/console/files/${card.incident}/${encodeURIComponent(key)}`,
          download: true,
        },
        file.name,
      ),
  );
}

function drawOthers(others) {
  if (others.length === 0) return undefined;
  return el(
    "div",
    { class: "field" },
    el("h3", {}, "Considered too"),
    others.map((other) =>
      el(
        "ul",
        { class: "weighed" },
        el("li", {}, el("b", {}, other.title), ` (${other.percent} %)`),
        other.for.map((reason) => el("li", { class: "for" }, `+ ${reason}`)),
        other.against.map((reason) => el("li", { class: "against" }, `− ${reason}`)),
      ),
    ),
  );
}

function drawNotChecked(missing) {
  if (missing.length === 0) return undefined;
  return el(
    "div",
    { class: "field" },
    el("h3", {}, "Not checked"),
    missing.map(({ checks, host, reason, fix }) => [
      el("p", {}, `${checks.join(", ")} on ${host}: ${reason}`),
      fix !== undefined && [el("p", { class: "where" }, "To be able to look:"), drawQuote(fix)],
    ]),
  );
}
