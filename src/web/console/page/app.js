import { NoAnswerError, post, suggestSites } from "./api.js";
import { ask, withdraw } from "./ask.js";
import { drawMessage } from "./card.js";
import { createComposer } from "./composer.js";
import { announce, byId, el } from "./dom.js";
import { follow } from "./stream.js";
import { createThread } from "./thread.js";

const MAX_PRIVATE = 20;
/** An answer is there within milliseconds, unless the network is slow or gone. */
const SLOW_MS = 1000;
/** Pixels above a message that is taller than the window. */
const MARGIN = 12;
const STATES = {
  connecting: "connecting …",
  connected: "connected",
  away: "Not connected, trying again: this may be old",
  "signed-out": "Signed out: open the address the bot printed when it started.",
};

const scroller = byId("scroller");
const list = byId("messages");
/** By id: `{ id, card, notes, noteCount, element }`. */
const messages = new Map();
/** The button whose second question is open: `{ id, button }`. */
let asking;

const thread = createThread({
  onClose: (id) => messages.get(id)?.element.querySelector("[data-focus=thread]")?.focus(),
});
const composer = createComposer({ send });

const stream = follow({
  onReset({ person }) {
    for (const { element } of messages.values()) element.remove();
    messages.clear();
    thread.close();
    byId("who").textContent = `You are ${person} on this machine.`;
  },
  onMessage: ({ id, card }) => showMessage(id, card),
  onNote: ({ id, note }) => addNote(id, note),
  onState(state) {
    const connection = byId("connection");
    const wasAtEnd = isAtEnd();
    connection.textContent = STATES[state];
    connection.dataset.state = state;
    // longer words take room from the channel
    if (wasAtEnd) scroller.scrollTop = scroller.scrollHeight;
    if (state === "connected") welcome();
  },
});
// on a phone that would open the keyboard over the answer
if (matchMedia("(pointer: fine)").matches) composer.focus();

function showMessage(id, card) {
  const before = messages.get(id);
  const message = before ?? { id, notes: new Map(), noteCount: 0 };
  if (card.headline !== before?.card.headline) announce(card.headline);
  else if (card.action?.status !== before.card.action?.status) announce(card.action?.status ?? "");
  message.card = card;
  messages.set(id, message);
  draw(message);
  if (asking?.id === id && !isOffered(asking.button, card)) {
    withdraw(`No longer asked: ${card.action?.status ?? card.headline}`);
  }
  byId("welcome").hidden = true;
}

function addNote(id, note) {
  const message = messages.get(id);
  if (message === undefined || message.notes.has(note.key)) return;
  message.notes.set(note.key, note);
  message.noteCount = message.notes.size;
  thread.add(note, message);
  draw(message);
}

/** Draws the whole message again; what had the focus keeps it, and the channel stays where people read. */
function draw(message) {
  const wasAtEnd = isAtEnd();
  const focus = message.element?.contains(document.activeElement)
    ? document.activeElement.dataset.focus
    : undefined;
  const element = drawMessage(message, {
    press: (button, pressed) => press(message, button, pressed),
    openThread: () => thread.open(message),
  });
  if (message.element === undefined) insert(element, message.card.incident);
  else message.element.replaceWith(element);
  message.element = element;
  if (focus !== undefined) {
    // a button that is gone hands its focus to the answer
    const next =
      element.querySelector(`[data-focus="${focus}"]`) ?? element.querySelector("[data-focus=headline]");
    next.focus({ preventScroll: true });
  }
  if (wasAtEnd) showEnd();
}

function isAtEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
}

/** By number of incident, whenever it came. */
function insert(element, incident) {
  const later = [...messages.values()]
    .filter((other) => other.element !== undefined && other.card.incident > incident)
    .toSorted((a, b) => a.card.incident - b.card.incident)[0];
  list.insertBefore(element, later?.element ?? null);
}

/** The end of the channel; of a message that is taller than the window, its first line: that is the answer. */
function showEnd() {
  const last = list.lastElementChild;
  if (last === null) return;
  const isTaller = last.offsetHeight > scroller.clientHeight;
  scroller.scrollTop = isTaller ? last.offsetTop - scroller.offsetTop - MARGIN : scroller.scrollHeight;
}

async function send(text) {
  await tellPrivately(text, () => post("/console/command", { text }));
}

async function press({ id }, button, pressed) {
  // not `disabled`: that would take the focus away
  if (pressed.ariaDisabled === "true") return;
  if (button.confirm && !(await isSure(id, button))) return;
  pressed.ariaDisabled = "true";
  const body = { action: button.action, value: button.value, messageId: id };
  await tellPrivately(button.label, () => post("/console/press", body));
  pressed.ariaDisabled = null;
}

async function isSure(id, button) {
  asking = { id, button };
  const isYes = await ask(button.confirm);
  asking = undefined;
  return isYes;
}

/** Another tab, or another person, may have answered meanwhile. */
function isOffered({ action, value }, { buttons }) {
  return buttons.some((button) => button.action === action && button.value === value);
}

/** Shows the answer to one person, beneath what it answers. */
async function tellPrivately(asked, work) {
  let waiting;
  const slow = setTimeout(() => {
    waiting = showPrivately(asked, { text: "Waiting for an answer …", sites: [] });
  }, SLOW_MS);
  let reply;
  let isProblem = false;
  try {
    reply = await work();
  } catch (error) {
    isProblem = true;
    reply = { text: error.message, sites: [] };
    if (error instanceof NoAnswerError) stream.reopen();
  }
  clearTimeout(slow);
  waiting?.remove();
  showPrivately(asked, reply, { isProblem });
}

function showPrivately(asked, { text, sites }, { isProblem = false } = {}) {
  announce(text);
  const dismiss = el(
    "button",
    { type: "button", class: "button link", on: { click: () => element.remove() } },
    "Dismiss",
  );
  const element = el(
    "li",
    { class: isProblem ? "private problem" : "private" },
    el("p", { class: "where" }, "Only you see this · ", el("span", { class: "asked" }, asked)),
    dismiss,
    el("p", { class: "reply", dir: "auto" }, text),
    sites.length > 0 && el("p", { class: "chips" }, sites.map(chip)),
  );
  list.append(element);
  for (const old of [...list.querySelectorAll(".private")].slice(0, -MAX_PRIVATE)) old.remove();
  showEnd();
  return element;
}

function chip(site) {
  return el(
    "button",
    { type: "button", class: "button plain", on: { click: () => composer.submit(`/diagnose502 ${site}`) } },
    site,
  );
}

/** While nothing has happened yet: what to do here. */
async function welcome() {
  if (messages.size > 0) return;
  const sites = await suggestSites("").catch(() => []);
  byId("welcome-sites").replaceChildren(...sites.map(chip));
  byId("welcome").hidden = messages.size > 0;
}
