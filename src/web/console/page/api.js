/** What the bot was told, and its private answer. @throws with words for a person when it cannot be reached. */
export async function post(path, body) {
  const response = await ask(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

/** Names of sites that hold what was typed. */
export async function suggestSites(prefix, signal) {
  const response = await ask(`/console/sites?prefix=${encodeURIComponent(prefix)}`, { signal });
  return response.json();
}

/** False once the cookie is no longer good; true also when the bot is away. */
export async function isSignedIn() {
  try {
    return (await fetch("/console/sites?prefix=")).status !== 401;
  } catch {
    return true;
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The bot cannot be reached. Nothing was sent.");
  }
  if (response.ok) return response;
  throw new Error(
    response.status === 401
      ? "You are signed out. Open the address the bot printed when it started."
      : `The bot refused it (${response.status}): ${(await response.text()).trim()}`,
  );
}
