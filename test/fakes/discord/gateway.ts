import type { Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import type { Outage } from "../outage.ts";
import { type Body, isBody } from "./body-rules.ts";
import { guildBody, userOf, type World } from "./world.ts";

interface Session {
  readonly id: string;
  readonly log: { readonly seq: number; readonly frame: Body }[];
  socket: WebSocket | undefined;
  seq: number;
}

export interface FakeGateway {
  /** To every session, as Discord does when several processes use one token; those that are away get it when they resume. */
  dispatch(event: string, data: Body): void;
  /** Sessions with an open connection. */
  connected(): number;
  /** Sessions that were begun with IDENTIFY so far, and resumptions. */
  readonly counts: { identified: number; resumed: number };
  /** What each session asked to hear. */
  readonly intents: number[];
  /** Asks every client to come again (op 7). */
  askToReconnect(): void;
  /** Tells every client that its session is void (op 9). */
  invalidateSessions(): void;
  /** Closes every connection with this code. */
  closeWith(code: number): void;
  /** The connections that are open. */
  lines(): Iterable<WebSocket>;
  /** Cuts the connections without a word. */
  cut(): void;
  close(): Promise<void>;
}

/** Codes after which a session cannot be resumed. */
const GONE_WITH: readonly number[] = [1000, 1001, 4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014];
const GUILDS = 1;
/** Guild members, presences, message content: need a review by Discord. */
const PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15);

/** Source: Discord, "Gateway": HELLO, IDENTIFY, READY, heartbeats, RESUME, close codes. */
export function openGateway(
  world: World,
  server: Server,
  options: { readonly url: () => string; readonly beatEveryMs: number; readonly outage: () => Outage },
): FakeGateway {
  const { url, beatEveryMs, outage } = options;
  const sockets = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const intents: number[] = [];
  const counts = { identified: 0, resumed: 0 };

  server.on("upgrade", (request, socket, head) => {
    if (outage().takesUpgrade(socket)) return;
    sockets.handleUpgrade(request, socket, head, greet);
  });

  function greet(socket: WebSocket): void {
    let session: Session | undefined;
    socket.on("error", () => undefined);
    socket.on("message", (raw) => {
      const frame: unknown = JSON.parse(String(raw));
      if (!isBody(frame)) return socket.close(4002);
      const data = isBody(frame.d) ? frame.d : {};
      switch (frame.op) {
        case 1:
          return send(socket, { op: 11 });
        case 2:
          session = identify(socket, data);
          return;
        case 6:
          session = resume(socket, data);
          return;
        default:
          return;
      }
    });
    socket.on("close", (code) => {
      if (session?.socket === socket) session.socket = undefined;
      // a client that says goodbye gives its session up; any other close may be resumed
      if (session !== undefined && (code === 1000 || code === 1001)) sessions.delete(session.id);
      world.changed();
    });
    send(socket, { op: 10, d: { heartbeat_interval: beatEveryMs } });
  }

  function identify(socket: WebSocket, data: Body): Session | undefined {
    if (data.token !== world.token || world.isTokenRevoked) {
      socket.close(4004, "Authentication failed.");
      return undefined;
    }
    if ((Number(data.intents) & PRIVILEGED) !== 0) {
      socket.close(4014, "Disallowed intent(s).");
      return undefined;
    }
    counts.identified++;
    intents.push(Number(data.intents));
    const session: Session = { id: `session-${counts.identified}`, log: [], socket, seq: 0 };
    sessions.set(session.id, session);
    push(session, "READY", {
      v: 10,
      user: userOf({ id: world.applicationId, name: "diagnose502", roles: [], isBot: true }),
      guilds: [{ id: world.guildId, unavailable: true }],
      session_id: session.id,
      resume_gateway_url: url(),
      shard: data.shard ?? [0, 1],
      application: { id: world.applicationId, flags: 0 },
    });
    if ((Number(data.intents) & GUILDS) !== 0) push(session, "GUILD_CREATE", guildBody(world));
    world.changed();
    return session;
  }

  function resume(socket: WebSocket, data: Body): Session | undefined {
    const session = sessions.get(String(data.session_id));
    if (data.token !== world.token || session === undefined) {
      send(socket, { op: 9, d: false });
      return undefined;
    }
    counts.resumed++;
    session.socket = socket;
    for (const { seq, frame } of session.log) if (seq > Number(data.seq)) send(socket, frame);
    push(session, "RESUMED", {});
    world.changed();
    return session;
  }

  function push(session: Session, event: string, data: Body): void {
    session.seq++;
    const frame = { op: 0, t: event, s: session.seq, d: data };
    session.log.push({ seq: session.seq, frame });
    if (session.socket !== undefined) send(session.socket, frame);
  }

  const open = () => [...sessions.values()].filter(({ socket }) => socket !== undefined);
  return {
    dispatch(event, data) {
      for (const session of sessions.values()) push(session, event, data);
    },
    connected: () => open().length,
    counts,
    intents,
    askToReconnect() {
      for (const { socket } of open()) if (socket !== undefined) send(socket, { op: 7, d: null });
    },
    invalidateSessions() {
      for (const { id, socket } of open()) {
        sessions.delete(id);
        if (socket !== undefined) send(socket, { op: 9, d: false });
      }
    },
    closeWith(code) {
      for (const { id, socket } of open()) {
        if (GONE_WITH.includes(code)) sessions.delete(id);
        socket?.close(code);
      }
    },
    lines: () => sockets.clients,
    cut() {
      for (const socket of sockets.clients) socket.terminate();
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => sockets.close(resolve));
    },
  };
}

function send(socket: WebSocket, frame: Body): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ s: null, t: null, ...frame }));
}
