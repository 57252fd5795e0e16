const PATIENCE_MS = 15_000;

/** The bot may have done what it was asked. */
export class NoAnswerError extends Error {
  constructor() {
    super(
      "No answer came, but it may have arrived. Wait until it says “connected” above, then look at the card before you press again.",
    );
  }
}

/** What the bot was told, and its private answer. @throws with words for a person; `NoAnswerError` when nobody knows what became of it. */
export function post(path, body) {
  return ask(path, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": drawId() },
    body: JSON.stringify(body),
  });
}

/** Names of sites that hold what was typed. */
export function suggestSites(prefix, signal) {
  return ask(`/console/sites?prefix=${encodeURIComponent(prefix)}`, { signal });
}

/** False once the cookie is no longer good; true also when the bot is away. */
export async function isSignedIn() {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    return (await fetch("/console/sites?prefix=", { signal })).status !== 401;
  } catch {
    return true;
  }
}

async function ask(path, { signal, ...options }) {
  const signals = [AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])];
  const { status, json, text } = await read(path, { ...options, signal: AbortSignal.any(signals) });
  if (status === 200) return json;
  throw new Error(
    status === 401
      ? "You are signed out. Open the address the bot printed when it started."
      : `The bot answered ${status}: ${text.trim()}`,
  );
}

/** The whole of it: an answer can be lost half-way. */
async function read(path, options) {
  try {
    const response = await fetch(path, options);
    const { status } = response;
    if (status === 200) return { status, json: await response.json() };
    // beyond 500 it is a gateway that speaks, and does not know either
    if (status <= 500) return { status, text: await response.text() };
  } catch (error) {
    if (error.name === "AbortError") throw error;
  }
  throw new NoAnswerError();
}

/** The browser may send a request twice: under one number it counts once. `randomUUID` is missing where the page came without TLS. */
function drawId() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
