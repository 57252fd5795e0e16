import type { PublicSample } from "../../src/collect/evidence.ts";
import type { PublicHttp } from "../../src/collect/public-probe.ts";
import { createHttp } from "../../src/http/create-http.ts";
import { CONNECTION_HEADERS, openReplayHttpServer, type ReplayHttpServer } from "./replay-http-server.ts";

type Headers = PublicSample["headers"];

/**
 * The product's own HTTP edge, led to a server on loopback that says what was recorded. Status, headers and body
 * come over the wire; where the site was and how long it took are the recording's. What cannot be served in plain HTTP
 * (a refused connection, a certificate) is given as recorded.
 */
export function createReplayHttp(samples: readonly PublicSample[]): PublicHttp & { close(): Promise<void> } {
  const http = createHttp({ version: "replay" });
  const remaining = [...samples];
  const servers: ReplayHttpServer[] = [];
  return {
    async sample(url, options) {
      const recorded = takeSample(remaining, options.address);
      if (recorded.status === null || new URL(url).protocol !== "http:") return recorded;
      const server = await openReplayHttpServer(recorded);
      servers.push(server);
      const { status, headers, bodyStart } = await http.sample(url, {
        ...options,
        address: `127.0.0.1:${server.port}`,
      });
      return { ...recorded, status, headers: keepRecorded(headers, recorded.headers), bodyStart };
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** Of this connection's headers the recorded ones; what is about the connection itself stays as recorded. */
function keepRecorded(headers: Headers, recorded: Headers): Headers {
  return Object.fromEntries(
    Object.entries(recorded).flatMap(([name, value]) => {
      const seen = CONNECTION_HEADERS.includes(name) ? value : headers[name];
      return seen === undefined ? [] : [[name, seen]];
    }),
  );
}

/** The next recorded answer of the same way in. */
function takeSample(remaining: PublicSample[], address: string | undefined): PublicSample {
  const index = remaining.findIndex(({ via }) => (via === "public" ? undefined : via.pinned) === address);
  const [sample] = index < 0 ? [] : remaining.splice(index, 1);
  if (!sample) throw new Error(`nothing was recorded of asking ${address ?? "the public URL"} once more`);
  return sample;
}
