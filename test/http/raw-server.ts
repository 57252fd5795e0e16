import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** A server that does to each connection exactly what `misbehave` does; gone, with its connections, after the test. */
export async function listenRaw(
  t: Pick<TestContext, "after">,
  misbehave: (socket: Socket) => void,
  tls?: TlsOptions,
): Promise<{ readonly port: number; readonly connections: () => number }> {
  const open = new Set<Socket>();
  let connections = 0;
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
  };
  const serve = (socket: Socket) => {
    connections++;
    keep(socket);
    misbehave(socket);
  };
  const server: Server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  if (tls !== undefined) server.on("connection", keep);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { port: address.port, connections: () => connections };
}

/** Answers every request with these bytes and closes. */
export function answer(...parts: readonly (string | Buffer)[]): (socket: Socket) => void {
  return (socket) => {
    socket.once("data", () => {
      for (const part of parts) socket.write(part);
      socket.end();
    });
  };
}
