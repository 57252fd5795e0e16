import { createHash, type KeyObject } from "node:crypto";
import { InteractionResponseType, InteractionType } from "discord.js";
import { z } from "zod";
import type { Log } from "../../workflow/log.ts";
import type { AnswerInteraction } from "./answer-interaction.ts";
import type { DiscordApi } from "./discord-api.ts";
import { isSigned } from "./verify-signature.ts";

/** Interactions are small; what is larger is no interaction. */
const MAX_BYTES = 1024 * 1024;
/** Discord gives up after three seconds. */
const ANSWER_WITHIN_MS = 2500;

const Envelope = z.object({ type: z.number() });

/** For the web server: takes `POST` requests of Discord. What is not signed gets a 401 without a reason. */
export function createReceiveInteractions(deps: {
  readonly key: KeyObject;
  readonly api: Pick<DiscordApi, "acknowledge">;
  readonly answerInteraction: AnswerInteraction;
  /** True the first time this proof is seen. */
  readonly isNewProof: (proof: string) => Promise<boolean>;
  readonly now: () => number;
  readonly log: Log;
}): (request: Request) => Promise<Response> {
  const { key, api, answerInteraction, isNewProof, now, log } = deps;

  return async (request) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const body = await readBody(request);
    if (body === undefined) return new Response(null, { status: 413 });
    const signature = request.headers.get("x-signature-ed25519") ?? "";
    const timestamp = request.headers.get("x-signature-timestamp") ?? "";
    // Discord sends wrong signatures on purpose, to see that they are refused
    if (!isSigned({ body, signature, timestamp }, { key, now: now() }))
      return new Response(null, { status: 401 });
    const payload = parseJson(body);
    const envelope = Envelope.safeParse(payload);
    if (!envelope.success) return new Response(null, { status: 400 });
    if (envelope.data.type === InteractionType.Ping)
      return Response.json({ type: InteractionResponseType.Pong });
    const proof = createHash("sha256")
      .update(`discord:${timestamp}:${signature.toLowerCase()}`)
      .digest("hex");
    if (!(await isNewProof(proof))) return new Response(null, { status: 401 });
    return answerPayload(payload);
  };

  /**
   * Suggestions stand in the response. Everything else is acknowledged by a request of ours: what we then do to the answer cannot overtake
   * the acknowledgement.
   */
  async function answerPayload(payload: unknown): Promise<Response> {
    const first = Promise.withResolvers<Response>();
    const timer = setTimeout(() => first.reject(new Error("no answer in time")), ANSWER_WITHIN_MS);
    const answered = answerInteraction(payload, async (token, response) => {
      if (response.type === InteractionResponseType.ApplicationCommandAutocompleteResult) {
        first.resolve(Response.json(response));
        return;
      }
      await api.acknowledge(token, response);
      first.resolve(new Response(null, { status: 202 }));
    });
    answered
      .then(() => first.reject(new Error("it is not ours, or was not acknowledged")))
      .catch(() => undefined);
    try {
      return await first.promise;
    } catch (error) {
      log.warn({ surface: "discord", reason: String(error) }, "an interaction was not answered");
      return new Response(null, { status: 400 });
    } finally {
      clearTimeout(timer);
    }
  }
}

async function readBody(request: Request): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
