import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { createConsoleSurface } from "../../src/web/console/create-console-surface.ts";
import { createWeb, type Web } from "../../src/web/create-web.ts";
import { createHealth, type ReadinessCheck } from "../../src/web/health.ts";
import { createFakeBot, type FakeBot } from "../fakes/bot.ts";

export const CONSOLE_KEY = "a-key-of-the-console-that-nobody-guesses-1";

export const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** A web server on a free port, with a console and a bot of fakes; gone with the test. */
export async function openWeb(
  t: TestContext,
  {
    bot = createFakeBot(),
    checks = [],
    ...options
  }: Partial<Parameters<typeof createWeb>[0]> & {
    readonly bot?: FakeBot;
    readonly checks?: readonly ReadinessCheck[];
  } = {},
): Promise<{ readonly web: Web; readonly bot: FakeBot; readonly origin: string }> {
  const surface = createConsoleSurface({ userName: "ana" });
  bot.publishTo(surface);
  const web = createWeb({
    listen: { address: "127.0.0.1", port: 0 },
    console: { bot, surface, key: CONSOLE_KEY },
    health: createHealth({ checks }),
    metrics: { contentType: "text/plain; version=0.0.4", text: async () => "up 1\n" },
    log: SILENT,
    ...options,
  });
  t.after(() => web.stop());
  await web.start();
  return { web, bot, origin: web.origin() };
}

/** Exchanges the key for the cookie, as a browser does. */
export async function signIn(origin: string, key = CONSOLE_KEY): Promise<string> {
  const response = await fetch(`${origin}/?key=${key}`, { redirect: "manual" });
  const [cookie = ""] = response.headers.getSetCookie();
  return cookie.split(";")[0] ?? "";
}

/** What the page sends along when it asks for something to be done. */
export async function pageHeaders(origin: string): Promise<Record<string, string>> {
  return { cookie: await signIn(origin), origin, "idempotency-key": randomBytes(16).toString("hex") };
}
