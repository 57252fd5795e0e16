// The shop as a Node application. Faults are behaviours of its paths, or of its environment.
import { readFile, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";

const { HOST = "0.0.0.0", PORT = "3000", TLS_CERT, TLS_KEY, TLS_MAX, REDIS, ONE_SHOT } = process.env;

const answers = {
  "/slow": (query, response) =>
    setTimeout(() => response.end("shop ok\n"), Number(query.get("seconds") ?? 8) * 1000),
  "/report": () => {
    setTimeout(() => JSON.parse("{broken"), 20); // nobody catches it
  },
  "/headers": (query, response) => {
    response.setHeader("x-session", "c".repeat(Number(query.get("bytes") ?? 6000)));
    response.end("shop ok\n");
  },
  "/unavailable": (query, response) => {
    response.writeHead(Number(query.get("status") ?? 503), { "content-type": "application/json" });
    response.end('{"error":"checkout is closed for maintenance"}\n');
  },
  "/malformed": (_query, response) => {
    response.socket.end(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX Broken\x01Header: yes\r\n\r\nshop ok\n",
    );
  },
  "/garbled": (_query, response) => {
    response.socket.end("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nWarning on line 12\r\n\r\nshop ok\n");
  },
  "/twice": (_query, response) => {
    response.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 8\r\nContent-Length: 20\r\n\r\nshop ok\n");
  },
  "/memory": () => {
    const hoard = [];
    setInterval(() => hoard.push(new Array(1e6).fill(hoard.length)), 1);
  },
};

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://shop.test");
  const special = answers[pathname];
  if (special) return special(searchParams, response);
  if (!REDIS) return response.end("shop ok\n");
  const cache = net.connect(6379, REDIS, () => cache.write("PING\r\n"));
  cache.on("data", () => response.end("shop ok\n", () => cache.end()));
  cache.on("error", (error) => {
    console.error(`[ioredis] Unhandled error event: Error: ${error.message}`);
    response.writeHead(503).end('{"error":"session store unavailable"}\n');
  });
}

const server = TLS_CERT
  ? https.createServer(
      {
        cert: readFileSync(TLS_CERT),
        key: readFileSync(TLS_KEY),
        ...(TLS_MAX ? { maxVersion: TLS_MAX } : {}),
      },
      answer,
    )
  : http.createServer(answer);

// An aggressive idle timer: a connection is gone by the time its second request arrives.
if (ONE_SHOT) {
  server.on("connection", (socket) => {
    let requests = 0;
    socket.prependListener("data", () => {
      if (++requests > 1) socket.destroy();
    });
  });
}
// Prices come from a file that another program writes.
setInterval(() => {
  readFile(import.meta.filename, (error) => {
    if (error) console.error("price list not refreshed:", error);
  });
}, 500).unref();
process.on("SIGTERM", () => process.exit(0));
server.listen(Number(PORT), HOST, () => console.log(`Server listening on http://${HOST}:${PORT}`));
