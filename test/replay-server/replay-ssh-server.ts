import { once } from "node:events";
import type { AddressInfo } from "node:net";
import ssh2, { type Connection, type ParsedKey, type ServerChannel } from "ssh2";
import { fingerprintOf } from "../../src/ssh/host-key-policy.ts";
import { START_COMMAND } from "../../src/ssh/start-command.ts";
import { makeSshKey } from "../fakes/ssh-key.ts";
import type { AnswerScript } from "./answer-script.ts";

/** The last line of every script; standard input stays open behind it. */
const SCRIPT_END = "main; exit\n";

/** A real SSH server on loopback that stands in for one recorded host. */
export interface ReplaySshServer {
  readonly port: number;
  /** `SHA256:…` of its host key. */
  readonly fingerprint: string;
  close(): Promise<void>;
}

/** Lets in whoever signs with `clientKey` (a public key in OpenSSH's form), and answers scripts from the recording. */
export async function openReplaySshServer({
  answer,
  clientKey,
}: {
  readonly answer: AnswerScript;
  readonly clientKey: string;
}): Promise<ReplaySshServer> {
  const hostKey = makeSshKey();
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    // a client that hangs up is no error of ours
    connection.on("error", () => connection.end());
    letIn(connection, clientKey);
    connection.on("session", (accept) => {
      accept().on("exec", (acceptExec, reject, { command }) => {
        if (command === START_COMMAND) answerOn(acceptExec(), answer);
        else reject();
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    fingerprint: fingerprintOf(parsePublicKey(hostKey.public).getPublicSSH()),
    async close() {
      for (const connection of connections) connection.end();
      server.close();
      await once(server, "close");
    },
  };
}

function letIn(connection: Connection, clientKey: string): void {
  const parsed = parsePublicKey(clientKey);
  connection.on("authentication", (context) => {
    if (context.method !== "publickey") return context.reject(["publickey"]);
    if (!context.key.data.equals(parsed.getPublicSSH())) return context.reject(["publickey"]);
    const { blob, signature } = context;
    // without a signature the client only asks whether this key would do
    if (blob === undefined || signature === undefined) return context.accept();
    return parsed.verify(blob, signature) === true ? context.accept() : context.reject(["publickey"]);
  });
}

function parsePublicKey(text: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) throw parsed;
  return parsed;
}

function answerOn(channel: ServerChannel, answer: AnswerScript): void {
  let script = "";
  channel.setEncoding("utf8");
  channel.on("data", (chunk: string) => {
    script += chunk;
    if (!script.endsWith(SCRIPT_END)) return;
    channel.write(answer(script));
    channel.exit(0);
    channel.end();
  });
}
