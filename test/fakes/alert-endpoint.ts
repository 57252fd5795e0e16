import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AlertReceiver, AlertResponse } from "../../src/intake/alerts/alert-receiver.ts";

/** `/alerts/<source>` of a receiver on 127.0.0.1, which can go down and come back at the same address. */
export interface AlertEndpoint {
  readonly url: string;
  /** Every answer that was given, oldest first. */
  readonly answers: readonly AlertResponse[];
  /** Nobody listens any more: connections are refused. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

export async function startAlertEndpoint(receiver: AlertReceiver): Promise<AlertEndpoint> {
  const answers: AlertResponse[] = [];
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      void answerOne(receiver, request, response).then((answer) => answers.push(answer));
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  let server = await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  const { port } = address;
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    async goDown() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async comeBack() {
      server = await listen(port);
    },
  };
}

async function answerOne(
  receiver: AlertReceiver,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<AlertResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const answer = await receiver.handle({
    source: (request.url ?? "").replace("/alerts/", ""),
    method: request.method ?? "",
    headers: new Headers(
      Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
    ),
    rawBody: Buffer.concat(chunks),
  });
  response.writeHead(answer.status, answer.headers).end(answer.body);
  return answer;
}
