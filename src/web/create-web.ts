import { once } from "node:events";
import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { ListenAddress } from "../config/listen-address.ts";
import { OperatorError } from "../operator-error.ts";
import type { Log } from "../workflow/log.ts";
import type { Bot } from "../workflow/surface.ts";
import { createConsoleHandlers } from "./console/console-handlers.ts";
import type { ConsoleSurface } from "./console/create-console-surface.ts";
import { loadPage, SIGNED_OUT_PAGE } from "./console/load-page.ts";
import { createConsoleKey } from "./console-key.ts";
import { createRouter } from "./create-router.ts";
import {
  createConsoleGuard,
  createMetricsGuard,
  createSignedGuard,
  type Guard,
  type GuardName,
} from "./guards.ts";
import type { Health } from "./health.ts";
import { createRateLimit } from "./rate-limit.ts";
import { makeRoutes, type Route, type RouteParts } from "./routes.ts";
import { type SignedHandler, textAnswer } from "./web-message.ts";

/** Ten a second is more than any sender of alerts needs; a burst is a storm that begins. */
const ALERTS = { perSecond: 10, burst: 100 };
const FAILURES = { perSecond: 10, burst: 100 };
const MAX_CONNECTIONS = 1000;

/** The address is taken, not ours, or not allowed. */
export class ListenError extends OperatorError {
  readonly code = "LISTEN_FAILED";
  readonly exitStatus = 78;
}

export interface Web {
  /** Listens. @throws {ListenError} */
  start(): Promise<void>;
  /** Ends every connection. */
  stop(): Promise<void>;
  /** `http://127.0.0.1:8502`, once it listens. */
  origin(): string;
  /** The address that signs a browser in, once it listens; undefined without console. */
  consoleUrl(): string | undefined;
  readonly routes: readonly Route[];
}

/** The one door for HTTP: console, health, metrics, and whatever senders post. */
export function createWeb(options: {
  readonly listen: ListenAddress;
  /** Where a reverse proxy shows us to the world. */
  readonly publicUrl?: string;
  readonly console?: { readonly bot: Bot; readonly surface: ConsoleSurface; readonly key: string };
  readonly health: Health;
  readonly metrics: RouteParts["metrics"] & { readonly token?: string };
  readonly alertHandler?: SignedHandler;
  readonly slackHandler?: SignedHandler;
  readonly discordHandler?: SignedHandler;
  readonly log: Log;
  /** Epoch ms. */
  readonly now?: () => number;
}): Web {
  const { listen, console, health, metrics, log, now = Date.now } = options;
  const { alertHandler: alerts, slackHandler: slack, discordHandler: discord } = options;
  const publicUrl = URL.parse(options.publicUrl ?? "");
  const key = console && createConsoleKey(console.key, { now, secure: publicUrl?.protocol === "https:" });
  const failures = createRateLimit({ ...FAILURES, now: () => performance.now() });
  const perSource = createRateLimit({ ...ALERTS, now: () => performance.now() });

  const guards: Readonly<Record<GuardName, Guard>> = {
    none: async () => undefined,
    "console-key":
      key === undefined
        ? DENY
        : createConsoleGuard({ key, publicHost: publicUrl?.host, signedOutPage: SIGNED_OUT_PAGE }),
    "loopback-or-token": createMetricsGuard({ token: metrics.token, isProxied: publicUrl !== null }),
    "alert-proof": alerts ? createSignedGuard(alerts, { perSource, failures }) : DENY,
    "slack-signature": slack ? createSignedGuard(slack, { failures }) : DENY,
    "discord-signature": discord ? createSignedGuard(discord, { failures }) : DENY,
  };
  const routes = makeRoutes({
    health,
    metrics,
    ...(console ? { console: createConsoleHandlers({ ...console, page: loadPage() }) } : {}),
    ...(alerts ? { alerts } : {}),
    ...(slack ? { slack } : {}),
    ...(discord ? { discord } : {}),
  });
  const server = createServer(createRouter(routes, { guards, log }).fetch);
  let origin = "";

  return {
    routes,
    async start() {
      await console?.surface.view.restore(console.bot);
      origin = await openDoor(server, listen);
    },
    async stop() {
      console?.surface.view.close();
      health.stop();
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
    origin: () => origin,
    consoleUrl: () => console && `${publicUrl?.origin ?? origin}/?key=${encodeURIComponent(console.key)}`,
  };
}

const DENY: Guard = async () => textAnswer(404, "Nothing is here.");

function createServer(fetch: Parameters<typeof createAdaptorServer>[0]["fetch"]): Server {
  const server = createAdaptorServer({
    fetch,
    overrideGlobalObjects: false,
    serverOptions: { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000 },
  }) as Server;
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/** Gives the origin that browsers of this machine can use. */
async function openDoor(server: Server, { address, port }: ListenAddress): Promise<string> {
  const listening = once(server, "listening");
  server.listen(port, address);
  try {
    await listening;
  } catch (cause) {
    throw listenError(cause, `${bracketed(address)}:${port}`);
  }
  const bound = server.address();
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
  const name = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
  return `http://${bracketed(name)}:${boundPort}`;
}

function bracketed(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

function listenError(cause: unknown, where: string): ListenError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
  const [said, hint] = LISTEN_FAILURES[code] ?? [
    `failed (${code})`,
    "Set web.listen in the config to another address.",
  ];
  return new ListenError(`Listening on ${where} ${said}.`, { hint, cause });
}

const LISTEN_FAILURES: Readonly<Record<string, readonly [string, string]>> = {
  EADDRINUSE: [
    "is not possible: another program does already",
    "Stop it if it is another diagnose502, or set web.listen in the config to a free port.",
  ],
  EACCES: ["is not allowed for this user", "Set web.listen in the config to a port above 1023."],
  EADDRNOTAVAIL: [
    "is not possible: this machine does not have that address",
    "Set web.listen in the config to 127.0.0.1:8502 or an address of this machine.",
  ],
};
