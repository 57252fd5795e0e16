import type { IncomingMessage, ServerResponse } from "node:http";
import { refuseBlocks } from "./block-rules.ts";
import { type Body, isBody, parseField, stringOf } from "./body.ts";
import type { RateLimits } from "./rate-limits.ts";
import { ApiError, callMethod } from "./web-api.ts";
import type { Ephemeral, World } from "./world.ts";

const RESPONSE_URL_USES = 5;

/** Slack's side of HTTP: the Web API, uploads, and private answers. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { world, limits }: { readonly world: World; readonly limits: RateLimits },
): Promise<void> {
  const body = await readAll(request);
  const [, kind = "", name = ""] = (request.url ?? "").split("/");
  if (kind === "api") {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    answerApi(name, body, { token, response, world, limits });
  } else if (kind === "upload") {
    answerUpload(name, body, { contentType: request.headers["content-type"] ?? "", response, world });
  } else if (kind === "response") answerResponseUrl(name, body.toString("utf8"), { response, world });
  else response.writeHead(404).end();
  world.changed();
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** HTTP 200 with `ok: false` for whatever is refused, but for the rate limit. */
function answerApi(
  name: string,
  body: Buffer,
  on: {
    readonly token: string;
    readonly response: ServerResponse;
    readonly world: World;
    readonly limits: RateLimits;
  },
): void {
  const { response, world, limits } = on;
  const form = new URLSearchParams(body.toString("utf8"));
  const args = Object.fromEntries([...form].map(([field, value]) => [field, parseField(value)]));
  const retryAfterS = limits.take(name, stringOf(args.channel));
  if (retryAfterS !== undefined) {
    world.requests.push(`${name} ratelimited`);
    response.writeHead(429, { "retry-after": String(retryAfterS), "content-type": "application/json" });
    response.end(JSON.stringify({ ok: false, error: "ratelimited" }));
    return;
  }
  let result: Body;
  try {
    result = callMethod(name, args, on.token, world);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    result = error.answer;
  }
  world.requests.push(`${name} ${result.ok === true ? "ok" : result.error}`);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
}

function answerUpload(
  id: string,
  body: Buffer,
  on: { readonly contentType: string; readonly response: ServerResponse; readonly world: World },
): void {
  const file = on.world.files.get(id);
  const content = on.contentType.startsWith("multipart/form-data") ? contentOfForm(body) : body;
  if (file === undefined || content.length !== file.length) {
    on.response.writeHead(400).end("bad length");
    return;
  }
  file.content = content;
  on.response.writeHead(200).end(`OK - ${content.length}`);
}

/** The one part of a multipart form. */
function contentOfForm(body: Buffer): Buffer {
  const boundary = body.subarray(0, body.indexOf("\r\n"));
  const start = body.indexOf("\r\n\r\n") + 4;
  return body.subarray(start, body.indexOf(Buffer.concat([Buffer.from("\r\n"), boundary]), start));
}

function answerResponseUrl(
  id: string,
  body: string,
  { response, world }: { readonly response: ServerResponse; readonly world: World },
): void {
  const known = world.responseUrls.get(id);
  const isExpired = known === undefined || world.now() > known.expiresAt;
  if (isExpired || known.uses >= RESPONSE_URL_USES) {
    const error = isExpired ? "expired_url" : "used_url";
    world.requests.push(`response_url ${error}`);
    response.writeHead(404).end(JSON.stringify({ ok: false, error }));
    return;
  }
  known.uses += 1;
  const refusal = tellPrivately(JSON.parse(body), { ...known, via: "response_url", world });
  world.requests.push(`response_url ${refusal ?? "ok"}`);
  response.writeHead(refusal === undefined ? 200 : 500).end(refusal ?? "ok");
}

/** Text for one person; the error when it is refused. */
export function tellPrivately(
  said: unknown,
  to: {
    readonly channel: string;
    readonly user: string;
    readonly via: Ephemeral["via"];
    readonly world: World;
  },
): string | undefined {
  if (!isBody(said)) return "invalid_payload";
  const text = stringOf(said.text);
  const blocks = Array.isArray(said.blocks) ? said.blocks : [];
  if (text === "" && blocks.length === 0) return said.delete_original === true ? undefined : "no_text";
  if (said.response_type === "in_channel") return "the answer would be public";
  const refusal = blocks.length === 0 ? undefined : refuseBlocks(blocks, "message");
  if (refusal !== undefined) return refusal.error;
  to.world.ephemerals.push({ channel: to.channel, user: to.user, text, blocks, via: to.via });
  return undefined;
}
