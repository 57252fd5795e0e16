import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import type { ConnectFailure } from "../collect/shell.ts";
import { failureOfError, makeConnectFailure } from "./connect-failure.ts";

/** What an SSH client can run over: a socket, or a channel of another client. */
export type Stream = Duplex;

/**
 * Whether a channel takes input. A server that announces packets of no size would make the library's write loop
 * spin for ever, in our only thread.
 */
export function takesInput(channel: ClientChannel): boolean {
  const { outgoing } = channel;
  if (typeof outgoing !== "object" || outgoing === null || !("packetSize" in outgoing)) return false;
  return typeof outgoing.packetSize === "number" && outgoing.packetSize >= 64;
}

/** Opens a connection from the jump host to the address behind it. */
export function forward(
  jump: Client,
  address: string,
  port: number,
  { where, signal }: { readonly where: string; readonly signal: AbortSignal },
): Promise<
  | { readonly ok: true; readonly stream: Stream; readonly rttMs: number }
  | { readonly ok: false; readonly failure: ConnectFailure }
> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const onAbort = () => resolve({ ok: false, failure: makeConnectFailure("timed-out", where) });
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    jump.once("close", () => resolve({ ok: false, failure: makeConnectFailure("closed-early", where) }));
    jump.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
      signal.removeEventListener("abort", onAbort);
      if (error !== undefined) return resolve({ ok: false, failure: failureOfError(error, where) });
      if (!takesInput(channel)) {
        return resolve({
          ok: false,
          failure: makeConnectFailure("closed-early", where, { saw: "the jump host takes no data" }),
        });
      }
      resolve({ ok: true, stream: channel, rttMs: performance.now() - startedAt });
    });
  });
}
