import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { PublicSample } from "../../src/collect/evidence.ts";

/** Headers about one connection and how a body is framed on it: a recorded one would be a lie on another. */
export const CONNECTION_HEADERS: readonly string[] = [
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
];

/** A web server on loopback that gives one recorded answer to whoever asks. */
export interface ReplayHttpServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function openReplayHttpServer(sample: PublicSample): Promise<ReplayHttpServer> {
  const server = createServer((_request, response) => {
    const headers = Object.entries(sample.headers).filter(([name]) => !CONNECTION_HEADERS.includes(name));
    response.writeHead(sample.status ?? 500, Object.fromEntries(headers));
    response.end(sample.bodyStart);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
