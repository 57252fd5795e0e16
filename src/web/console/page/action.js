import { el } from "./dom.js";

const WORDS = { asking: "needs an answer", working: "under way", ok: "done", bad: "look here" };

/** A restart that is offered, or what became of it: all that an approval binds, before the buttons. */
export function drawAction({ title, status, tone, facts, checks, hint }, buttons) {
  return el(
    "section",
    { class: `action action-${tone}`, "aria-label": "Restart" },
    el("h3", {}, title),
    el("p", { class: "status" }, el("span", { class: "visually-hidden" }, `${WORDS[tone]}: `), status),
    el(
      "dl",
      { class: "facts" },
      facts.map(({ name, value }) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
    ),
    checks.length > 0 && drawChecks(checks),
    hint !== undefined && el("p", { class: "hint" }, hint),
    buttons.length > 0 && el("p", { class: "buttons" }, buttons),
  );
}

function drawChecks(checks) {
  return el(
    "table",
    { class: "checks" },
    el("caption", { class: "visually-hidden" }, "Before and after the restart"),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ["Hop", "Before", "After"].map((name) => el("th", { scope: "col" }, name)),
      ),
    ),
    el(
      "tbody",
      {},
      checks.map(({ hop, before, after, ok }) =>
        el(
          "tr",
          { class: ok ? "good" : "bad" },
          el("th", { scope: "row" }, breakable(hop)),
          el("td", {}, before),
          el("td", {}, ok ? "✓ " : "✗ ", after),
        ),
      ),
    ),
  );
}

/** `proxy→upstream` breaks behind its arrow, and not within a word. */
function breakable(hop) {
  return hop.split(/(?<=→)/).flatMap((part, n) => (n === 0 ? [part] : [el("wbr"), part]));
}
