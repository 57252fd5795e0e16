import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { isIPv6 } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { ListenAddress } from "../config/listen-address.ts";
import type { AlertReceiver } from "../intake/alerts/alert-receiver.ts";
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
  createSenderGuard,
  type Guard,
  type GuardName,
} from "./guards.ts";
import type { Health } from "./health.ts";
import { createRateLimit } from "./rate-limit.ts";
import {
  makeRoutes,
  type PlatformHandler,
  type Route,
  type RouteParts,
  type SignedEndpoint,
} from "./routes.ts";
import { textAnswer } from "./web-message.ts";

/** Requests without proof that an address may send. */
const FAILURES = { perSecond: 10, burst: 100 };
const MAX_CONNECTIONS = 1000;
const HTTP_LIMITS = { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000 };

/** The address is taken, not ours, or not allowed. */
export class ListenError extends OperatorError {
  readonly code = "LISTEN_FAILED";
  /** What may be over soon is to be tried again. */
  readonly exitStatus: 75 | 78;

  constructor(
    message: string,
    { isForNow, ...options }: { readonly isForNow: boolean; readonly hint: string; readonly cause: unknown },
  ) {
    super(message, options);
    this.exitStatus = isForNow ? 75 : 78;
  }
}

export interface Web {
  /** Listens. @throws {ListenError} */
  start(): Promise<void>;
  /** Ends every connection. */
  stop(): Promise<void>;
  /** `http://127.0.0.1:8502`, once it listens. */
  origin(): string;
  /** The address that signs a browser in, once it listens; undefined without console. `publicly`: through the reverse proxy. */
  consoleUrl(options?: { readonly publicly: boolean }): string | undefined;
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
  readonly alertHandler?: AlertReceiver;
  readonly slackHandler?: SignedEndpoint;
  readonly discordHandler?: PlatformHandler;
  readonly log: Log;
  /** Epoch ms. */
  readonly now?: () => number;
}): Web {
  const { listen, console, health, metrics, log, now = Date.now } = options;
  const { alertHandler: alerts, slackHandler: slack, discordHandler: discord } = options;
  const publicUrl = URL.parse(options.publicUrl ?? "");
  const key = console && createConsoleKey(console.key, { now });
  const failures = createRateLimit({ ...FAILURES, now: () => performance.now() });
  const sender = createSenderGuard({ failures });

  const guards: Readonly<Record<GuardName, Guard>> = {
    none: async (_request, next) => next(),
    "console-key":
      key === undefined ? DENY : createConsoleGuard({ key, publicUrl, signedOutPage: SIGNED_OUT_PAGE }),
    "loopback-or-token": createMetricsGuard({ token: metrics.token, isProxied: publicUrl !== null }),
    "alert-proof": sender,
    "slack-signature": sender,
    "discord-signature": sender,
  };
  const routes = makeRoutes({
    health,
    metrics,
    ...(console ? { console: createConsoleHandlers({ ...console, page: loadPage() }) } : {}),
    ...(alerts ? { alerts } : {}),
    ...(slack ? { slack } : {}),
    ...(discord ? { discord } : {}),
  });
  const { fetch } = createRouter(routes, { guards, log });
  const server = createServer(HTTP_LIMITS, getRequestListener(fetch, { overrideGlobalObjects: false }));
  server.maxConnections = MAX_CONNECTIONS;
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
    consoleUrl({ publicly } = { publicly: false }) {
      const from = publicly ? publicUrl?.origin : origin;
      return console && from && `${from}/?key=${encodeURIComponent(console.key)}`;
    },
  };
}

const DENY: Guard = async () => textAnswer(404, "Nothing is here.");

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
  const { said, hint, isForNow } = LISTEN_FAILURES[code] ?? {
    said: `failed (${code})`,
    hint: "Set web.listen in the config to another address.",
    isForNow: false,
  };
  return new ListenError(`Listening on ${where} ${said}.`, { hint, isForNow, cause });
}

interface ListenFailure {
  readonly said: string;
  readonly hint: string;
  readonly isForNow: boolean;
}

const LISTEN_FAILURES: Readonly<Record<string, ListenFailure>> = {
  EADDRINUSE: {
    said: "is not possible: another program does already",
    hint: "Stop it if it is another diagnose502, or set web.listen in the config to a free port.",
    isForNow: true,
  },
  EACCES: {
    said: "is not allowed for this user",
    hint: "Set web.listen in the config to a port above 1023.",
    isForNow: false,
  },
  // while the machine boots its network may not be up
  EADDRNOTAVAIL: {
    said: "is not possible: this machine does not have that address",
    hint: "Set web.listen in the config to 127.0.0.1:8502 or an address of this machine.",
    isForNow: true,
  },
};
