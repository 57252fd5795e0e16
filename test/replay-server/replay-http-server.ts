import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { PublicSample } from "../../src/collect/evidence.ts";

/** A web server on loopback that gives one recorded answer to whoever asks. */
export interface ReplayHttpServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function openReplayHttpServer(sample: PublicSample): Promise<ReplayHttpServer> {
  const server = createServer((_request, response) => {
    // its length and coding are those of this connection, not of the recorded one
    const {
      "content-length": _length,
      "transfer-encoding": _coding,
      connection: _connection,
      ...headers
    } = sample.headers;
    response.writeHead(sample.status ?? 500, headers);
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
