import { drawAction } from "./action.js";
import { el } from "./dom.js";
import { drawHops, drawShares } from "./hops.js";
import { time } from "./time.js";

const TONES = {
  working: { mark: "…", word: "working" },
  fault: { mark: "✗", word: "fault" },
  warning: { mark: "!", word: "warning" },
  ok: { mark: "✓", word: "fine" },
};

const RESTART_ANSWERS = {
  yes: "yes",
  briefly: "only briefly",
  no: "no",
  "not-advised": "not advised",
  "not-needed": "not needed",
};

/** One incident's message. `press(button)` and `openThread()` are what its buttons do. */
export function drawMessage({ id, card, noteCount }, { press, openThread }) {
  const { tone, headline, progress, hops, proof, advice, explanation, action, buttons, footer } = card;
  const asks = buttons.filter((button) => button.action === "approve" || button.action === "deny");
  const others = buttons.filter((button) => !asks.includes(button));
  return el(
    "li",
    { class: `message tone-${tone}`, id, "aria-labelledby": `${id}-headline` },
    el("span", { class: "avatar", "aria-hidden": "true" }, TONES[tone].mark),
    el(
      "article",
      { class: "card", "aria-busy": String(tone === "working") },
      el("p", { class: "byline" }, el("b", {}, "diagnose502"), ` · #${card.incident} · `, linkOf(card)),
      el(
        "h2",
        { class: "headline", id: `${id}-headline`, dir: "auto", tabindex: "-1", data: { focus: "headline" } },
        el("span", { class: "visually-hidden" }, `${TONES[tone].word}: `),
        headline,
      ),
      progress.length > 0 && drawProgress(progress),
      drawHops(hops),
      drawRestart(card.restart),
      drawProof(proof),
      drawFields(card),
      advice.length > 0 &&
        field("Do next", el(advice.length > 1 ? "ol" : "ul", { class: "advice" }, advice.map(item))),
      explanation && drawExplanation(explanation),
      action &&
        drawAction(
          action,
          asks.map((button) => drawButton(button, press)),
        ),
      action === null &&
        asks.length > 0 &&
        el(
          "p",
          { class: "buttons" },
          asks.map((button) => drawButton(button, press)),
        ),
      el(
        "p",
        { class: "buttons" },
        others.map((button) => drawButton(button, press)),
        noteCount > 0 &&
          el(
            "button",
            { type: "button", class: "button link", data: { focus: "thread" }, on: { click: openThread } },
            `${noteCount} ${noteCount === 1 ? "reply" : "replies"}`,
          ),
      ),
      el("p", { class: "footer" }, footer.join(" · ")),
    ),
  );
}

/** Only where it leads to what the config names, by a protocol of the web. */
function linkOf({ site, url }) {
  const parsed = URL.parse(url);
  if (parsed === null || !["http:", "https:"].includes(parsed.protocol)) return site;
  return el("a", { href: parsed.href, target: "_blank", rel: "noopener noreferrer" }, site);
}

function drawProgress(progress) {
  return el(
    "ul",
    { class: "progress" },
    progress.map(({ host, state, text }) =>
      el("li", { class: `host-${state}` }, el("b", {}, host), " ", el("span", {}, text)),
    ),
  );
}

function drawRestart(restart) {
  if (!restart) return undefined;
  const { answer, what, why } = restart;
  return el(
    "p",
    { class: `restart restart-${answer}` },
    el("b", {}, `Restart: ${RESTART_ANSWERS[answer]}`),
    what !== undefined && [" · ", el("span", { class: "name" }, what)],
    why !== "" && el("span", { class: "why" }, why),
  );
}

/** Our sentence, and beside it the host's own words, set apart. */
export function drawProof(proof) {
  if (proof.length === 0) return undefined;
  return el(
    "ul",
    { class: "proof", "aria-label": "Proof" },
    proof.map(({ says, host, when, quote }) =>
      el(
        "li",
        {},
        el("p", { class: "says", dir: "auto" }, says),
        el("p", { class: "where" }, host, when && [" · ", time(when)]),
        quote !== undefined && drawQuote(quote),
      ),
    ),
  );
}

/** Focusable, because it scrolls sideways for people without a mouse too. */
export function drawQuote(quote) {
  return el("pre", { class: "quote", tabindex: "0", "aria-label": "Quote of the host" }, quote);
}

function drawFields({ since, lastChange }) {
  const said =
    since &&
    [
      since.when && [time(since.when)],
      since.percent !== undefined && `${since.percent} % of requests fail`,
    ].filter(Boolean);
  return [
    since &&
      field(
        "Since",
        el(
          "p",
          {},
          said.flatMap((part, n) => (n > 0 ? ["; ", part] : [part])),
          " ",
          drawShares(since.shares),
        ),
      ),
    lastChange && field("Changed", el("p", {}, lastChange.what, "; ", time(lastChange.when))),
  ];
}

function drawExplanation({ text, nextLook, model }) {
  return el(
    "div",
    { class: "explanation" },
    el("p", { class: "where" }, `Explained by the model ${model}; the verdict is not its own`),
    el("p", { dir: "auto" }, text),
    nextLook !== undefined && el("p", { dir: "auto" }, `Next look: ${nextLook}`),
  );
}

function field(name, content) {
  return el("div", { class: "field" }, el("h3", {}, name), content);
}

/** The text alone may run from right to left: the number stays where it is. */
function item(text) {
  return el("li", {}, el("span", { dir: "auto" }, text));
}

function drawButton(button, press) {
  return el(
    "button",
    {
      type: "button",
      class: `button ${button.style}`,
      data: { focus: button.action },
      on: { click: (event) => press(button, event.currentTarget) },
    },
    button.label,
  );
}
