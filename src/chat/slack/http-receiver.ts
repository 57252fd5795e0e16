import { createHash } from "node:crypto";
import type { App, Receiver, ReceiverEvent } from "@slack/bolt";
import { z } from "zod";
import type { Log } from "../../workflow/log.ts";
import { isSigned } from "./verify-signature.ts";

/** Slack gives up after three seconds. */
const ANSWER_WITHIN_MS = 2500;

/** A request as the web server read it: the raw bytes, because they are what was signed. */
interface SlackRequest {
  header(name: string): string | undefined;
  readonly body: Buffer;
}

interface SlackResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Slack's requests, for the web server to mount: first the proof, then the answer. */
export interface SlackEndpoint {
  /** Signed by Slack within the last five minutes, and not seen before. */
  isGenuine(request: SlackRequest): Promise<boolean>;
  /** Answers what was found genuine, once; anything else is a 401. */
  handle(request: SlackRequest): Promise<SlackResponse>;
}

const UrlVerification = z.object({ type: z.literal("url_verification"), challenge: z.string().max(1000) });

/** Bolt's way in for deliveries over HTTP, without a server of its own. */
export function createHttpReceiver(deps: {
  readonly signingSecrets: readonly string[];
  /** True the first time this proof is seen. */
  readonly isNewProof: (proof: string) => Promise<boolean>;
  readonly now: () => number;
  readonly log: Log;
}): Receiver & { readonly endpoint: SlackEndpoint } {
  const { signingSecrets, isNewProof, now, log } = deps;
  const genuine = new WeakSet<SlackRequest>();
  let app: App | undefined;

  async function isGenuine(request: SlackRequest): Promise<boolean> {
    const signature = request.header("x-slack-signature") ?? "";
    const timestamp = request.header("x-slack-request-timestamp") ?? "";
    const proven = isSigned(
      { body: request.body, signature, timestamp },
      { secrets: signingSecrets, now: now() },
    );
    if (!proven) return false;
    const proof = createHash("sha256").update(`slack:${timestamp}:${signature}`).digest("hex");
    if (!(await isNewProof(proof))) return false;
    genuine.add(request);
    return true;
  }

  async function handle(request: SlackRequest): Promise<SlackResponse> {
    if (!genuine.delete(request)) return { status: 401 };
    const body = parseBody(request);
    if (body === undefined) return { status: 400 };
    const verification = UrlVerification.safeParse(body);
    if (verification.success) return json({ challenge: verification.data.challenge });
    if (body.ssl_check === "1") return { status: 200 };
    // before we know who we are, nobody's click can be judged
    if (app === undefined) return { status: 503 };
    return await answerInResponse(app, body, request);
  }

  /** The acknowledgement is the response; the work goes on behind it. */
  async function answerInResponse(to: App, body: object, request: SlackRequest): Promise<SlackResponse> {
    const first = Promise.withResolvers<SlackResponse>();
    const timer = setTimeout(() => first.resolve({ status: 503 }), ANSWER_WITHIN_MS);
    const retryNum = Number(request.header("x-slack-retry-num") ?? 0);
    const event: ReceiverEvent = {
      body: { ...body },
      retryNum,
      retryReason: request.header("x-slack-retry-reason") ?? "",
      ack: async (said: unknown) => first.resolve(responseOf(said)),
    };
    to.processEvent(event)
      .catch((error: unknown) => log.warn({ surface: "slack", reason: String(error) }, "a delivery failed"))
      .finally(() => first.resolve({ status: 404 }));
    try {
      return await first.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    init(next) {
      app = next;
    },
    start: async () => undefined,
    stop: async () => {
      app = undefined;
    },
    endpoint: { isGenuine, handle },
  };
}

function responseOf(said: unknown): SlackResponse {
  if (said === undefined || said === "") return { status: 200 };
  return json(typeof said === "string" ? { text: said } : said);
}

function json(value: unknown): SlackResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** Events are JSON; commands are forms; interactions are JSON in a form. */
function parseBody(request: SlackRequest): Readonly<Record<string, unknown>> | undefined {
  const text = request.body.toString("utf8");
  if ((request.header("content-type") ?? "").startsWith("application/json")) return parseObject(text);
  const form = new URLSearchParams(text);
  const payload = form.get("payload");
  return payload === null ? Object.fromEntries(form) : parseObject(payload);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
