import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/**
 * How a service can be out of reach. `refused`: nobody listens. `cut`: every line is cut, without a word. `error`: 500, with a page of some
 * proxy. `limited`: 429, come back in a while. `hanging`: requests are taken and never answered, open lines fall silent. `unanswered`:
 * what is asked is done, and the answer is lost.
 */
export const OUTAGE_MANNERS = ["refused", "cut", "error", "limited", "hanging", "unanswered"] as const;

export type OutageManner = (typeof OUTAGE_MANNERS)[number];

/** Keeps a double's service away from its clients, in one manner at a time. */
export interface Outage {
  begin(manner: OutageManner): void;
  /** Resolves when clients can come again. */
  end(): Promise<void>;
  /** True when the request needs no answer any more. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
  takesUpgrade(socket: Duplex): boolean;
}

/** Lines that stay open. */
interface Line {
  terminate(): void;
  pause(): void;
  resume(): void;
}

export function createOutage(
  server: Server,
  options: {
    readonly lines: () => Iterable<Line>;
    /** What a 429 says; seconds. */
    readonly retryAfterS: () => number;
  },
): Outage {
  const { lines, retryAfterS } = options;
  const held = new Set<Duplex>();
  let manner: OutageManner | undefined;
  let port = 0;

  const forEachLine = (what: (line: Line) => void) => {
    for (const line of lines()) what(line);
  };

  return {
    begin(next) {
      manner = next;
      const address = server.address();
      if (typeof address === "object" && address !== null) port = address.port;
      if (next === "refused") {
        server.close();
        server.closeAllConnections();
      }
      if (next === "refused" || next === "cut") forEachLine((line) => line.terminate());
      if (next === "hanging") forEachLine((line) => line.pause());
    },
    async end() {
      const was = manner;
      manner = undefined;
      if (was === "refused") {
        await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
      }
      if (was === "hanging") {
        for (const socket of held) socket.destroy();
        held.clear();
        forEachLine((line) => line.resume());
      }
    },
    takes(request, response) {
      switch (manner) {
        case undefined:
          return false;
        case "refused":
        case "cut":
          request.socket.destroy();
          return true;
        case "error":
          request.resume();
          response.writeHead(500, { "content-type": "text/html" }).end("<h1>500 Internal Server Error</h1>");
          return true;
        case "limited": {
          request.resume();
          const seconds = retryAfterS();
          const said = {
            ok: false,
            error: "ratelimited",
            message: "You are being rate limited.",
            retry_after: seconds,
            global: false,
          };
          response.writeHead(429, { "content-type": "application/json", "retry-after": String(seconds) });
          response.end(JSON.stringify(said));
          return true;
        }
        case "hanging":
          request.resume();
          held.add(request.socket);
          return true;
        case "unanswered":
          response.end = () => {
            request.socket.destroy();
            return response;
          };
          return false;
      }
    },
    takesUpgrade(socket) {
      switch (manner) {
        case undefined:
        case "limited":
        case "unanswered":
          return false;
        case "refused":
        case "cut":
          socket.destroy();
          return true;
        case "error":
          socket.end("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
          return true;
        case "hanging":
          held.add(socket);
          return true;
      }
    },
  };
}
