import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { Log } from "../workflow/log.ts";
import type { Guard, GuardName } from "./guards.ts";
import { BodyError, readBody } from "./read-body.ts";
import type { Route } from "./routes.ts";
import { WEB_HEADERS } from "./web-headers.ts";
import { textAnswer, type WebAnswer, type WebRequest } from "./web-message.ts";

type Bindings = { Bindings: HttpBindings };

/** Makes the rows of the table answer, each behind its guard; everything else is not found. */
export function createRouter(
  routes: readonly Route[],
  { guards, log }: { readonly guards: Readonly<Record<GuardName, Guard>>; readonly log: Log },
): Hono<Bindings> {
  const router = new Hono<Bindings>();
  for (const route of routes) {
    router.on(route.method, route.path, async (context) => {
      try {
        return toResponse(await answer(route, guards[route.guard], context));
      } catch (error) {
        log.error({ path: route.path, error: nameOf(error) }, "a web request failed");
        return toResponse(textAnswer(500, "This failed; the log of the bot says why."));
      }
    });
  }
  router.notFound(() => toResponse(textAnswer(404, "Nothing is here.")));
  return router;
}

async function answer(route: Route, guard: Guard, context: Context<Bindings>): Promise<WebAnswer> {
  // Hono answers HEAD by the row of GET: a stream of events nobody reads must not begin
  const isHead = context.req.method === "HEAD" && route.method === "GET";
  if (isHead && route.guard !== "none") return textAnswer(405, "Ask by GET.");
  try {
    const request = await readRequest(context);
    return await guard(request, () => route.handle(request));
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    route.onUnread?.(context.req.param(), error.message);
    return textAnswer(error.status, error.message, { connection: "close" });
  }
}

async function readRequest(context: Context<Bindings>): Promise<WebRequest> {
  const { req, env } = context;
  const body = req.method === "GET" || req.method === "HEAD" ? Buffer.alloc(0) : await readBody(req.raw);
  return {
    method: req.method,
    url: new URL(req.url),
    params: req.param(),
    headers: req.raw.headers,
    body,
    remoteAddress: env.incoming.socket.remoteAddress ?? "",
  };
}

function toResponse({ status, headers, body }: WebAnswer): Response {
  return new Response(body ?? null, { status, headers: { ...WEB_HEADERS, ...headers } });
}

/** What an error is called, and what it says: errors of ours hold no secret, those of others are redacted by the log. */
function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}
