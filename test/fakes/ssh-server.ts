import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Socket, type Server as TcpServer } from "node:net";
import ssh2, { type Algorithms, type Connection, type ServerChannel } from "ssh2";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";

/** What the server does with a command. `proper` runs it with the local `sh`, as sshd would. */
export type Conduct =
  | "proper"
  | "no-exit-status"
  | "never-closes"
  | "drips"
  | "floods"
  | "overruns-its-window"
  | "refuses-channels"
  | "hangs-up";

export interface FakeSshServer {
  readonly port: number;
  /** A known_hosts line for it. */
  readonly knownHostsLine: string;
  /** Shells it has started so far. */
  shells(): number;
  close(): Promise<void>;
}

function serve(channel: ServerChannel, command: string, conduct: Conduct, connection: Connection): void {
  channel.on("error", () => undefined);
  switch (conduct) {
    case "proper":
    case "no-exit-status": {
      const child = spawn("sh", ["-c", command], { detached: true });
      child.stdin.on("error", () => undefined);
      channel.on("data", (chunk: Buffer) => child.stdin.write(chunk));
      channel.on("end", () => child.stdin.end());
      // as sshd does: its ends of the pipes are closed, the processes are not killed
      const drop = () => {
        for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
      };
      channel.on("close", drop);
      connection.on("close", drop);
      child.stdout.on("data", (chunk: Buffer) => {
        if (!channel.write(chunk)) child.stdout.pause();
      });
      channel.on("drain", () => child.stdout.resume());
      child.stderr.on("data", (chunk: Buffer) => channel.stderr.write(chunk));
      child.once("close", (code) => {
        if (conduct === "proper") channel.exit(code ?? 255);
        channel.close();
      });
      return;
    }
    case "drips": {
      const timer = setInterval(() => channel.write("."), 10);
      channel.once("close", () => clearInterval(timer));
      connection.once("close", () => clearInterval(timer));
      return;
    }
    case "floods": {
      const chunk = Buffer.alloc(32_768, "x");
      const timer = setInterval(() => channel.write(chunk), 1);
      connection.once("close", () => clearInterval(timer));
      return;
    }
    case "overruns-its-window": {
      const chunk = Buffer.alloc(32_768, "x");
      const send = messageOf(connection, "channelData");
      const id: unknown = Reflect.get(Object(Reflect.get(channel, "outgoing")), "id");
      const timer = setInterval(() => {
        for (let count = 0; count < 32; count++) send(id, chunk);
      }, 1);
      connection.once("close", () => clearInterval(timer));
      return;
    }
    case "hangs-up":
      connection.end();
      return;
    case "never-closes":
    case "refuses-channels":
      return;
  }
}

/**
 * A server of our own that lets everybody in. `packetSize` replaces the size of packets it says it takes;
 * `neverGrants`: the request for the login service gets no answer, the login itself does. `confirmsLate`: it calls
 * itself OpenSSH, and says that a session is open only once it was told what to run there.
 */
export async function startFakeSshServer(
  conduct: Conduct,
  options: {
    readonly algorithms?: Algorithms;
    readonly packetSize?: number;
    readonly hostKeyType?: "rsa";
    readonly neverGrants?: true;
    readonly confirmsLate?: true;
  } = {},
): Promise<FakeSshServer> {
  // not the library's own generator: about one in three hundred of its Ed25519 keys cannot be read back
  const { privateKey } =
    options.hostKeyType === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const hostKey = privateKey
    .export({ type: options.hostKeyType === "rsa" ? "pkcs1" : "sec1", format: "pem" })
    .toString();
  const parsed = ssh2.utils.parseKey(hostKey);
  if (parsed instanceof Error) throw parsed;
  const connections = new Set<Connection>();
  let shells = 0;
  const algorithms = options.algorithms === undefined ? {} : { algorithms: options.algorithms };
  const ident = options.confirmsLate ? { ident: "OpenSSH_9.9" } : {};
  const server = new ssh2.Server({ hostKeys: [hostKey], ...algorithms, ...ident }, (connection) => {
    let confirm = () => {};
    connections.add(connection);
    connection.on("error", () => undefined);
    connection.on("close", () => connections.delete(connection));
    connection.on("authentication", (context) => context.accept());
    if (options.neverGrants) replaceMessage(connection, "serviceAccept", () => undefined);
    if (options.confirmsLate) {
      replaceMessage(connection, "channelOpenConfirm", (send, values) => {
        confirm = () => send(...values);
      });
    }
    connection.on("ready", () => {
      if (options.packetSize !== undefined) announcePacketSize(connection, options.packetSize);
      connection.on("session", (accept, reject) => {
        if (conduct === "refuses-channels") return reject();
        accept().on("exec", (acceptExec, _rejectExec, { command }) => {
          shells++;
          confirm();
          serve(acceptExec(), command, conduct, connection);
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { port } = address;
  return {
    port,
    knownHostsLine: `[127.0.0.1]:${port} ${parsed.type} ${parsed.getPublicSSH().toString("base64")}\n`,
    shells: () => shells,
    async close() {
      for (const connection of connections) connection.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function announcePacketSize(connection: Connection, packetSize: number): void {
  replaceMessage(connection, "channelOpenConfirm", (send, [recipient, sender, window]) =>
    send(recipient, sender, window, packetSize),
  );
}

/** The library has no option for a server that misbehaves, so its protocol object is made to. */
function replaceMessage(
  connection: Connection,
  name: string,
  replacement: (send: SendMessage, values: readonly unknown[]) => void,
): void {
  const send = messageOf(connection, name);
  Reflect.set(protocolOf(connection), name, (...values: readonly unknown[]) => replacement(send, values));
}

type SendMessage = (...values: readonly unknown[]) => void;

function messageOf(connection: Connection, name: string): SendMessage {
  const protocol = protocolOf(connection);
  const send: unknown = Reflect.get(protocol, name);
  if (typeof send !== "function") throw new Error("ssh2 looks different");
  return (...values) => Reflect.apply(send, protocol, values);
}

function protocolOf(connection: Connection): object {
  const protocol: unknown = Reflect.get(connection, "_protocol");
  if (typeof protocol !== "object" || protocol === null) throw new Error("ssh2 looks different");
  return protocol;
}

/** A TCP server that does `conduct` with each connection: what is there is no SSH server, or a dying one. */
export async function startTcpServer(
  conduct: (socket: Socket) => void,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: TcpServer = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    conduct(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Access to a server on loopback. */
export function accessTo(
  port: number,
  parts: { readonly identityFiles: readonly string[]; readonly knownHostsFiles: readonly string[] },
): HostAccess {
  return { name: "fake", how: { kind: "ssh", address: "127.0.0.1", port, user: "diag", ...parts } };
}
