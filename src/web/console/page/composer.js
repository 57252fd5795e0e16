import { suggestSites } from "./api.js";
import { byId, el } from "./dom.js";

const COMMAND = "/diagnose502";

/** The line people type into, with names of sites to choose from. `send(text)` takes what was typed. */
export function createComposer({ send }) {
  const form = byId("composer");
  const line = byId("line");
  const list = byId("suggestions");
  const sent = [];
  let recalled = 0;
  let options = [];
  let active = -1;
  let asking = new AbortController();

  /** What was chosen while the list was asked for stays so, if the list has it. */
  function offer(texts) {
    const kept = active < 0 ? -1 : texts.indexOf(options[active]);
    options = texts;
    active = -1;
    list.replaceChildren(
      ...texts.map((text, n) =>
        el(
          "div",
          {
            id: `suggestion-${n}`,
            role: "option",
            "aria-selected": "false",
            // a click, because a finger that scrolls presses too
            on: { click: (event) => take(event, n) },
          },
          text,
        ),
      ),
    );
    list.hidden = texts.length === 0;
    line.setAttribute("aria-expanded", String(texts.length > 0));
    line.removeAttribute("aria-activedescendant");
    if (kept >= 0) choose(kept);
  }

  function chooseNone() {
    if (active >= 0) list.children[active].setAttribute("aria-selected", "false");
    active = -1;
    line.removeAttribute("aria-activedescendant");
  }

  function choose(next) {
    active = (next + options.length) % options.length;
    for (const [n, option] of [...list.children].entries())
      option.setAttribute("aria-selected", String(n === active));
    list.children[active].scrollIntoView({ block: "nearest" });
    line.setAttribute("aria-activedescendant", `suggestion-${active}`);
  }

  function take(event, n) {
    event.preventDefault();
    line.value = options[n];
    offer([]);
    line.focus();
    if (line.value.endsWith(" ")) suggest();
  }

  async function suggest() {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const texts = await suggestionsFor(line.value, signal);
      if (!signal.aborted) offer(texts.filter((text) => text !== line.value));
    } catch {
      // without suggestions one can still type
      if (!signal.aborted) offer([]);
    }
  }

  function recall(step) {
    if (sent.length === 0) return;
    recalled = Math.min(sent.length, Math.max(0, recalled + step));
    line.value = sent[recalled] ?? "";
  }

  function submit(text) {
    asking.abort();
    offer([]);
    if (text.trim() === "") return;
    sent.push(text);
    recalled = sent.length;
    line.value = "";
    send(text);
  }

  // comes before every click, of fingers too: the line keeps its focus, so the list is still there
  list.addEventListener("mousedown", (event) => event.preventDefault());
  line.addEventListener("input", () => {
    chooseNone();
    suggest();
  });
  line.addEventListener("blur", () => offer([]));
  line.addEventListener("keydown", (event) => {
    const isOpen = options.length > 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      event.preventDefault();
      if (isOpen) choose(active < 0 && step < 0 ? options.length - 1 : active + step);
      else recall(step);
    } else if (event.key === "Escape" && isOpen) offer([]);
    else if ((event.key === "Enter" || event.key === "Tab") && isOpen && active >= 0) take(event, active);
    else if (event.key === "Tab" && isOpen && options.length === 1) take(event, 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(line.value);
  });

  return {
    submit,
    focus: () => line.focus(),
  };
}

/** Whole lines, so that taking one replaces what was typed. */
async function suggestionsFor(typed, signal) {
  const text = typed.trimStart();
  if (text === "") return [];
  if (text !== COMMAND && COMMAND.startsWith(text)) return [`${COMMAND} `];
  const isCommand = text.startsWith(`${COMMAND} `);
  if (!isCommand && text.startsWith("/")) return [];
  const prefix = isCommand ? text.slice(COMMAND.length).trimStart() : text;
  const sites = await suggestSites(prefix, signal);
  return sites.map((site) => `${COMMAND} ${site}`);
}
