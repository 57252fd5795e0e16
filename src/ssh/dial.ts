import { connect, type Socket } from "node:net";
import type { ConnectFailure } from "../collect/shell.ts";
import { failureOfError, makeConnectFailure } from "./connect-failure.ts";

/** A TCP connection, small packets sent at once, and how long its handshake took: one round trip. */
export type Dialled =
  | { readonly ok: true; readonly socket: Socket; readonly rttMs: number }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** Connects; a host that does not answer is a value. `where` names the host in the failure. */
export function dial(
  address: string,
  port: number,
  { where, signal }: { readonly where: string; readonly signal: AbortSignal },
): Promise<Dialled> {
  return new Promise((resolve) => {
    // without noDelay each small packet of the SSH handshake waits for an acknowledgement: six times slower
    const socket = connect({ host: address, port, noDelay: true });
    let startedAt = performance.now();
    const settle = (outcome: Dialled) => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      resolve(outcome);
    };
    const onError = (error: unknown) => settle({ ok: false, failure: failureOfError(error, where) });
    const onAbort = () => {
      settle({ ok: false, failure: makeConnectFailure("timed-out", where) });
      socket.on("error", () => undefined);
      socket.destroy();
    };
    socket.once("lookup", () => {
      startedAt = performance.now();
    });
    socket.once("error", onError);
    socket.once("connect", () => settle({ ok: true, socket, rttMs: performance.now() - startedAt }));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
