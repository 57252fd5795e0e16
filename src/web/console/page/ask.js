import { byId, visible } from "./dom.js";

/** The second question of a button; resolves to true for its yes. Escape and the way back mean no. */
export function ask({ title, text, yes, no }) {
  const dialog = byId("ask");
  byId("ask-title").textContent = visible(title);
  byId("ask-text").textContent = visible(text);
  byId("ask-yes").textContent = visible(yes);
  byId("ask-yes").hidden = false;
  byId("ask-no").textContent = visible(no);
  dialog.returnValue = "no";
  return new Promise((resolve) => {
    const end = new AbortController();
    const answerWith = (answer) => () => dialog.close(answer);
    byId("ask-yes").addEventListener("click", answerWith("yes"), { signal: end.signal });
    byId("ask-no").addEventListener("click", answerWith("no"), { signal: end.signal });
    dialog.addEventListener(
      "close",
      () => {
        end.abort();
        resolve(dialog.returnValue === "yes");
      },
      { once: true },
    );
    dialog.showModal();
    // the harmless answer is the one that a hasty Enter gives
    byId("ask-no").focus();
  });
}

/** What was asked about is gone: says so, and leaves the way back alone. */
export function withdraw(text) {
  byId("ask-text").textContent = visible(text);
  byId("ask-yes").hidden = true;
  byId("ask-no").textContent = "Close";
}
