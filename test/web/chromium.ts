import { accessSync } from "node:fs";
import type { TestContext } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";

/** The distribution's Chromium, as Debian and others install it. */
const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Why no page can be opened here, for a test's `skip`; false when one can. */
export function chromiumMissing(): string | false {
  return pathOfChromium() === undefined
    ? `no Chromium (${PATHS.join(", ")}): install the package chromium`
    : false;
}

/** One browser for a file's tests; close it after them. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = pathOfChromium();
  if (executablePath === undefined) throw new Error("There is no Chromium.");
  // root has no user namespace to put a sandbox in
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

/** A page of its own profile; whatever the browser complains about is in `problems`. */
export async function openPage(
  t: TestContext,
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ readonly page: Page; readonly problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  return { page, problems };
}

function pathOfChromium(): string | undefined {
  return PATHS.find((path) => {
    try {
      accessSync(path);
      return true;
    } catch {
      return false;
    }
  });
}
