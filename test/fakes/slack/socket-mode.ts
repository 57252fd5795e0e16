import type { Server } from "node:http";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Outage } from "../outage.ts";
import { type Body, isBody, stringOf } from "./body.ts";
import type { World } from "./world.ts";

const ACK_WITHIN_MS = 3000;
const MAX_CONNECTIONS = 10;

/** Slack's side of Socket Mode: each envelope goes to one of the open connections. */
export interface SocketMode {
  /** How many connections are open. */
  count(): number;
  /** Sends it to the next connection in turn; resolves with the payload of the answer. Rejects when nobody is connected or the connection closes. */
  deliver(type: string, payload: Body, acceptsPayload: boolean): Promise<unknown>;
  /** Slack's way to say that a connection ends. */
  disconnect(reason: "warning" | "refresh_requested" | "link_disabled"): void;
  /** The line is cut, without a word. */
  cut(): void;
  /** The connections that are open. */
  lines(): Iterable<WebSocket>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly resolve: (payload: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly socket: WebSocket;
}

export function openSocketMode(server: Server, world: World, outage: () => Outage): SocketMode {
  const listener = new WebSocketServer({ noServer: true });
  const sockets = new Set<WebSocket>();
  const tickets = new Set<string>();
  const waiting = new Map<string, Waiting>();
  let turn = 0;

  server.on("upgrade", (request, socket, head) => {
    if (outage().takesUpgrade(socket)) return;
    const ticket = new URL(request.url ?? "", "http://localhost").searchParams.get("ticket") ?? "";
    if (ticket === "" || tickets.has(ticket)) {
      socket.destroy();
      return;
    }
    tickets.add(ticket);
    listener.handleUpgrade(request, socket, head, welcome);
  });

  function welcome(socket: WebSocket): void {
    if (sockets.size >= MAX_CONNECTIONS) {
      socket.send(JSON.stringify({ type: "disconnect", reason: "too_many_websockets" }));
      socket.close();
      return;
    }
    sockets.add(socket);
    socket.on("message", receive);
    socket.on("close", () => forget(socket));
    const hello = { type: "hello", num_connections: sockets.size, connection_info: { app_id: world.appId } };
    socket.send(JSON.stringify(hello));
    world.changed();
  }

  function forget(socket: WebSocket): void {
    sockets.delete(socket);
    for (const [id, { socket: its, reject }] of waiting) {
      if (its !== socket) continue;
      waiting.delete(id);
      reject(new Error("the connection closed before the answer"));
    }
    world.changed();
  }

  /** A second answer to the same envelope is ignored. */
  function receive(data: RawData): void {
    const answer: unknown = JSON.parse(data.toString());
    if (!isBody(answer)) return;
    const id = stringOf(answer.envelope_id);
    waiting.get(id)?.resolve(answer.payload);
    waiting.delete(id);
    world.changed();
  }

  return {
    count: () => sockets.size,
    deliver(type, payload, acceptsPayload) {
      const open = [...sockets].filter(({ readyState, OPEN }) => readyState === OPEN);
      const socket = open[turn++ % open.length];
      if (socket === undefined) return Promise.reject(new Error("no connection is open"));
      const envelopeId = world.nextId("envelope-");
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("not answered in time")), ACK_WITHIN_MS).unref();
        const answered = (payload: unknown) => {
          clearTimeout(timer);
          resolve(payload);
        };
        waiting.set(envelopeId, { resolve: answered, reject, socket });
        socket.send(
          JSON.stringify({
            envelope_id: envelopeId,
            type,
            payload,
            accepts_response_payload: acceptsPayload,
          }),
        );
      });
    },
    disconnect(reason) {
      for (const socket of sockets) {
        socket.send(JSON.stringify({ type: "disconnect", reason }));
        if (reason !== "warning") socket.close();
      }
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    lines: () => listener.clients,
    async stop() {
      for (const socket of sockets) socket.terminate();
      for (const { reject } of waiting.values()) reject(new Error("Slack has stopped"));
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
