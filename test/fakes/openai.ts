import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** How the next answers are given; the last one stays. */
export type ModelBehaviour =
  /** A completion with this content. */
  | { readonly kind: "says"; readonly content: string; readonly finishReason?: string }
  | { readonly kind: "refuses" }
  /** 400 to `json_schema`, a completion to anything else: servers of before structured output. */
  | { readonly kind: "knows-no-schema"; readonly content: string }
  | {
      readonly kind: "answers";
      readonly status: number;
      readonly type?: string;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Headers, half a body, and then nothing. */
  | { readonly kind: "stalls" }
  /** Takes the request and never answers. */
  | { readonly kind: "hangs" }
  | { readonly kind: "hangs-up" };

/** What a client asked. */
interface ModelRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly response_format: { readonly type: string };
  };
}

/** Speaks Chat Completions on 127.0.0.1, as well or as badly as it is told to. */
export interface FakeModel {
  /** `http://127.0.0.1:port/v1` */
  readonly baseUrl: string;
  readonly requests: readonly ModelRequest[];
  behave(...behaviours: readonly ModelBehaviour[]): void;
  stop(): Promise<void>;
}

export async function startFakeModel(): Promise<FakeModel> {
  const requests: ModelRequest[] = [];
  let behaviours: readonly ModelBehaviour[] = [{ kind: "hangs-up" }];
  const server = createServer(async (request, response) => {
    const read = await readRequest(request);
    requests.push(read);
    const [behaviour, ...rest] = behaviours;
    if (rest.length > 0) behaviours = rest;
    if (behaviour !== undefined) answer(behaviour, read, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    requests,
    behave(...next) {
      behaviours = next;
    },
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<ModelRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { path: request.url ?? "", headers: request.headers, text, body: JSON.parse(text) };
}

function answer(behaviour: ModelBehaviour, request: ModelRequest, response: ServerResponse): void {
  const send = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  };
  switch (behaviour.kind) {
    case "says":
      send(200, completion({ content: behaviour.content }, behaviour.finishReason));
      break;
    case "refuses":
      send(200, completion({ content: null, refusal: "I cannot help with that." }));
      break;
    case "knows-no-schema":
      if (request.body.response_format.type === "json_schema") send(400, UNSUPPORTED);
      else send(200, completion({ content: behaviour.content }));
      break;
    case "answers": {
      const { status, body = "{}", type = "application/json", headers } = behaviour;
      send(status, body, { "content-type": type, ...headers });
      break;
    }
    case "stalls":
      response.writeHead(200, { "content-type": "application/json" }).write('{"choices":[');
      break;
    case "hangs":
      break;
    case "hangs-up":
      response.destroy();
  }
}

const UNSUPPORTED = JSON.stringify({
  error: { message: "unsupported response_format", type: "invalid_request_error" },
});

/** Source: OpenAI API reference, "The chat completion object". */
function completion(message: object, finishReason = "stop"): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "fake",
    choices: [
      {
        index: 0,
        finish_reason: finishReason,
        logprobs: null,
        message: { role: "assistant", refusal: null, ...message },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}
