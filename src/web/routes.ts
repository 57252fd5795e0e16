import type { ConsoleHandlers } from "./console/console-handlers.ts";
import type { GuardName } from "./guards.ts";
import type { Health } from "./health.ts";
import { type SignedHandler, textAnswer, type WebAnswer, type WebRequest } from "./web-message.ts";

/** One row of the table: what is not in it does not exist. */
export interface Route {
  readonly method: "GET" | "POST";
  /** `:name` stands for one segment. */
  readonly path: string;
  readonly guard: GuardName;
  readonly handle: (request: WebRequest) => Promise<WebAnswer>;
}

/** What answers behind the guards; what is absent has no route. */
export interface RouteParts {
  readonly console?: ConsoleHandlers;
  readonly health: Health;
  /** Prometheus's text format. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly alerts?: SignedHandler;
  readonly slack?: SignedHandler;
  readonly discord?: SignedHandler;
}

/** The table of routes: each says how it is guarded. */
export function makeRoutes(parts: RouteParts): readonly Route[] {
  const { console, health, metrics, alerts, slack, discord } = parts;
  return [
    { method: "GET", path: "/healthz", guard: "none", handle: health.live },
    { method: "GET", path: "/readyz", guard: "none", handle: health.ready },
    { method: "GET", path: "/metrics", guard: "loopback-or-token", handle: async () => textOf(metrics) },
    ...(console ? consoleRoutes(console) : []),
    ...signedRoute("/alerts/:source", "alert-proof", alerts),
    ...signedRoute("/slack/events", "slack-signature", slack),
    ...signedRoute("/discord/interactions", "discord-signature", discord),
  ];
}

function consoleRoutes(console: ConsoleHandlers): readonly Route[] {
  const guard = "console-key";
  return [
    { method: "GET", path: "/", guard, handle: console.page },
    { method: "GET", path: "/console/assets/:build/:file", guard, handle: console.asset },
    { method: "GET", path: "/console/events", guard, handle: console.events },
    { method: "GET", path: "/console/sites", guard, handle: console.sites },
    { method: "GET", path: "/console/files/:incident/:note", guard, handle: console.file },
    { method: "POST", path: "/console/command", guard, handle: console.command },
    { method: "POST", path: "/console/press", guard, handle: console.press },
  ];
}

function signedRoute(path: string, guard: GuardName, handler: SignedHandler | undefined): readonly Route[] {
  return handler ? [{ method: "POST", path, guard, handle: (request) => handler.handle(request) }] : [];
}

async function textOf(metrics: RouteParts["metrics"]): Promise<WebAnswer> {
  return textAnswer(200, await metrics.text(), { "content-type": metrics.contentType });
}
