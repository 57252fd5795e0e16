import type { AlertReceiver } from "../intake/alerts/alert-receiver.ts";
import type { ConsoleHandlers } from "./console/console-handlers.ts";
import type { GuardName } from "./guards.ts";
import type { Health } from "./health.ts";
import { textAnswer, UNPROVEN, type WebAnswer, type WebRequest } from "./web-message.ts";

/** One row of the table: what is not in it does not exist. */
export interface Route {
  readonly method: "GET" | "POST" | "ALL";
  /** `:name` stands for one segment. */
  readonly path: string;
  readonly guard: GuardName;
  readonly handle: (request: WebRequest) => Promise<WebAnswer>;
  /** Told of a request that is refused because its body cannot be read. */
  readonly onUnread?: (params: WebRequest["params"], why: string) => void;
}

/** Takes what a chat platform posts; answers 401 to what is not signed by it. */
export type PlatformHandler = (request: Request) => Promise<Response>;

/** The same in two steps: nothing is handled that was not found genuine. */
export interface SignedEndpoint {
  isGenuine(request: SignedRequest): Promise<boolean>;
  handle(request: SignedRequest): Promise<WebAnswer>;
}

interface SignedRequest {
  header(name: string): string | undefined;
  readonly body: Buffer;
}

/** What answers behind the guards; what is absent has no route. */
export interface RouteParts {
  readonly console?: ConsoleHandlers;
  readonly health: Health;
  /** Prometheus's text format. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly alerts?: AlertReceiver;
  readonly slack?: SignedEndpoint;
  readonly discord?: PlatformHandler;
}

/** The table of routes: each says how it is guarded. */
export function makeRoutes(parts: RouteParts): readonly Route[] {
  const { console, health, metrics, alerts, slack, discord } = parts;
  return [
    { method: "GET", path: "/healthz", guard: "none", handle: health.live },
    { method: "GET", path: "/readyz", guard: "none", handle: health.ready },
    { method: "GET", path: "/metrics", guard: "loopback-or-token", handle: async () => textOf(metrics) },
    ...(console ? consoleRoutes(console) : []),
    ...(alerts ? alertRoutes(alerts) : []),
    ...(slack ? [slackRoute(slack)] : []),
    ...(discord ? [discordRoute(discord)] : []),
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

/** Any method, because a sender that is set to another one than POST must be told; and with a slash at the end, as some are set up. */
function alertRoutes(alerts: AlertReceiver): readonly Route[] {
  return ["/alerts/:source", "/alerts/:source/"].map((path) => ({
    method: "ALL",
    path,
    guard: "alert-proof",
    handle: ({ method, params, headers, body }) =>
      alerts.handle({ source: params.source ?? "", method, headers, rawBody: body }),
    onUnread: ({ source = "" }, why) => alerts.countUnread(source, why),
  }));
}

function slackRoute(slack: SignedEndpoint): Route {
  return {
    method: "POST",
    path: "/slack/events",
    guard: "slack-signature",
    async handle({ headers, body }) {
      const request = { header: (name: string) => headers.get(name) ?? undefined, body };
      return (await slack.isGenuine(request)) ? slack.handle(request) : UNPROVEN;
    },
  };
}

function discordRoute(discord: PlatformHandler): Route {
  return {
    method: "POST",
    path: "/discord/interactions",
    guard: "discord-signature",
    async handle({ url, method, headers, body: bytes }) {
      const {
        status,
        headers: answered,
        body,
      } = await discord(new Request(url, { method, headers, body: bytes }));
      return { status, headers: Object.fromEntries(answered), body };
    },
  };
}

async function textOf(metrics: RouteParts["metrics"]): Promise<WebAnswer> {
  return textAnswer(200, await metrics.text(), { "content-type": metrics.contentType });
}
