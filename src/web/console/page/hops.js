import { el, svg } from "./dom.js";

const BOX = { width: 176, height: 58, gap: 38, letters: 15 };
const NARROW_BOX = { width: 300, height: 50, gap: 26, letters: 28 };
/** Room for the mark beside the names. */
const MARK_WIDTH = 36;

const STATES = {
  ok: { mark: "✓", word: "works" },
  broken: { mark: "✗", word: "broken" },
  unknown: { mark: "?", word: "not known" },
};

/** The hops as a picture, the visitor's side first: in a row where there is room, else one beneath the other. */
export function drawHops(hops) {
  if (hops.length === 0) return undefined;
  return el(
    "div",
    { class: "hops", role: "img", "aria-label": describe(hops) },
    draw(hops, true),
    draw(hops, false),
  );
}

function describe(hops) {
  const words = hops.map(({ name, host, state, beside }, n) => {
    const join = n === 0 ? "" : beside ? ", beside it " : ", then ";
    return `${join}${nameOf(name, host)} ${STATES[state].word}`;
  });
  return `Hops: ${words.join("")}.`;
}

function nameOf(name, host) {
  return host === "" || host === name ? name : `${name} on ${host}`;
}

function draw(hops, isRow) {
  const { width, height, gap, letters } = isRow ? BOX : NARROW_BOX;
  const step = (isRow ? width : height) + gap;
  const length = hops.length * step - gap;
  const size = isRow ? [length, height] : [width, length];
  return svg(
    "svg",
    {
      class: isRow ? "hops-row" : "hops-column",
      viewBox: `-2 -2 ${size[0] + 4} ${size[1] + 4}`,
      width: size[0] + 4,
      height: size[1] + 4,
      "aria-hidden": "true",
      focusable: "false",
    },
    hops.map((hop, n) => [
      n > 0 &&
        !hop.beside &&
        arrow(
          hop,
          isRow ? { x: n * step - gap, y: height / 2, gap } : { x: width / 2, y: n * step - gap, gap },
          isRow,
        ),
      box(hop, isRow ? { x: n * step, y: 0 } : { x: 0, y: n * step }, { width, height, letters }),
    ]),
  );
}

function box({ name, host, state }, { x, y }, { width, height, letters }) {
  const isTwoLines = host !== "" && host !== name;
  return svg(
    "g",
    { class: `hop hop-${state}`, transform: `translate(${x} ${y})` },
    svg("title", {}, nameOf(name, host)),
    svg("rect", { width, height, rx: 8 }),
    // a picture of its own cuts off what is too long for it
    svg(
      "svg",
      { width: width - MARK_WIDTH, height },
      svg(
        "text",
        { class: "hop-name", x: 12, y: isTwoLines ? height / 2 - 4 : height / 2 + 5 },
        shorten(name, letters),
      ),
      isTwoLines && svg("text", { class: "hop-host", x: 12, y: height / 2 + 15 }, shorten(host, letters + 2)),
    ),
    svg("text", { class: "hop-mark", x: width - 20, y: height / 2 + 7 }, STATES[state].mark),
  );
}

/** Into a broken hop nothing arrives whole. */
function arrow({ state }, { x, y, gap }, isRow) {
  const end = gap - 6;
  const turn = isRow ? "" : " rotate(90)";
  return svg(
    "g",
    { class: `arrow arrow-${state}`, transform: `translate(${x} ${y})${turn}` },
    svg("path", { class: "shaft", d: `M6 0H${end}` }),
    svg("path", { d: `M${end - 7} -6L${end} 0L${end - 7} 6` }),
  );
}

function shorten(text, most) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

/** Share of failing requests, a bar a minute. */
export function drawShares(shares) {
  if (!shares.some((share) => share > 0)) return undefined;
  const last = shares.slice(-60);
  return svg(
    "svg",
    {
      class: "shares",
      viewBox: `0 0 ${last.length * 5} 20`,
      width: last.length * 5,
      height: 20,
      role: "img",
      "aria-label": `Share of failing requests, a bar a minute; the last one ${Math.round((last.at(-1) ?? 0) * 100)} percent.`,
    },
    last.map((share, n) => {
      const height = Math.max(1, Math.round(Math.min(1, share) * 20));
      return svg("rect", { x: n * 5, y: 20 - height, width: 4, height });
    }),
  );
}
