import type { Socket } from "node:net";
import { Client, type Dispatcher } from "undici";
import type { Progress } from "./open-connection.ts";
import { ProbeFailure } from "./probe-failure.ts";
import { selectHeaders } from "./select-headers.ts";

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_BODY_BYTES = 256 * 1024;
const BODY_START_BYTES = 8 * 1024;

/** What arrived, filled as it does. */
export interface Answer {
  status: number | null;
  headers: Record<string, string>;
  bodyStart: string;
}

/**
 * One GET over `socket`, which is destroyed at the end; redirects are not followed.
 * @throws what broke it, with `answer` holding what came before.
 */
export async function sendRequest(
  url: URL,
  options: {
    readonly socket: Socket;
    readonly userAgent: string;
    readonly progress: Progress;
    readonly answer: Answer;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { socket, userAgent, progress, answer, signal } = options;
  const tooEarly = Promise.withResolvers<never>();
  const failEarly = () => {
    const message = `${progress.address} closed the connection before the request was sent`;
    tooEarly.reject(new ProbeFailure("request", "ECONNRESET", message));
  };
  let handedOver = false;
  const client = new Client(url.origin, {
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The deadline is ours; undici's timers are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
    // undici waits forever on a socket that is dead when it gets it or that it gets within this call, and asks for
    // another when one dies early.
    connect: (_origin, connected) => {
      queueMicrotask(() => {
        if (handedOver || socket.destroyed) return failEarly();
        handedOver = true;
        connected(null, socket);
      });
    },
  });
  progress.phase = "response";
  const sentAt = performance.now();
  try {
    const request = client.request({
      path: `${url.pathname}${url.search}`,
      method: "GET",
      headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": userAgent },
      reset: true,
      signal,
    });
    const { statusCode, headers, body } = await Promise.race([request, tooEarly.promise]);
    progress.phasesMs.firstByte = performance.now() - sentAt;
    answer.status = statusCode;
    answer.headers = selectHeaders(headers);
    await readBody(body, answer);
  } finally {
    // Not awaited: the answer is read or given up, and undici may wait for a socket that is long gone.
    client.destroy().catch(() => undefined);
    socket.destroy();
  }
}

/** Reads on to the cap, because a body that breaks off is a fault too. What is compressed against our wish stays unread. */
async function readBody(body: Dispatcher.ResponseData["body"], answer: Answer): Promise<void> {
  const start: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      const bytes: Buffer = chunk;
      if (length < BODY_START_BYTES) start.push(bytes);
      length += bytes.length;
      if (length >= MAX_BODY_BYTES) return;
    }
  } finally {
    const encoding = answer.headers["content-encoding"]?.toLowerCase() ?? "identity";
    if (encoding === "identity")
      answer.bodyStart = Buffer.concat(start).toString("utf8", 0, BODY_START_BYTES);
  }
}
