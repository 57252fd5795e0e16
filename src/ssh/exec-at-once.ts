import type { Client } from "ssh2";

/** OpenSSH gives a new channel the lowest number that is free. Source: OpenSSH channels.c, channel_new. */
const FIRST_CHANNEL = 0;

/**
 * Call it right after the first `client.exec(command)` of a connection: sends the command together with the request
 * for its session, one round trip early, to the channel that the server is about to open. Only to OpenSSH, whose
 * numbers are known. As `signAtOnce`, it reaches into the library, and does nothing where that looks different.
 */
export function execAtOnce(client: Client, command: string): void {
  const server: unknown = Reflect.get(client, "_remoteVer");
  if (typeof server !== "string" || !server.startsWith("OpenSSH_")) return;
  const protocol: unknown = Reflect.get(client, "_protocol");
  if (typeof protocol !== "object" || protocol === null) return;
  const send: unknown = Reflect.get(protocol, "exec");
  if (typeof send !== "function" || send.length !== 3) return;

  Reflect.apply(send, protocol, [FIRST_CHANNEL, command, true]);
  // the library sends it once more when the channel is there: that one is dropped, all later ones pass
  Reflect.set(protocol, "exec", () => Reflect.set(protocol, "exec", send));
}
