import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import type { PublicSample } from "../collect/evidence.ts";
import { isForbiddenAddress } from "./forbidden-address.ts";
import { makeFailure, ProbeFailure } from "./probe-failure.ts";
import { DeadlineError, withDeadline } from "./with-deadline.ts";

/** Where to connect to, and who to say we are looking for. */
export interface Destination {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
  /** Set for https: the URL's host, for SNI and the certificate's name. */
  readonly tlsName?: string;
}

/** Filled while the request goes on, so that a failure keeps what was seen before it. */
export interface Progress {
  /** What is being done: a failure belongs to it. */
  phase: NonNullable<PublicSample["error"]>["phase"];
  /** The address that was connected to; before that, whatever is tried. */
  address: string;
  connected: boolean;
  readonly phasesMs: { dns?: number; connect?: number; tls?: number; firstByte?: number };
}

/**
 * A TCP or TLS connection, each phase timed. A certificate that is not trusted does not stop it: the status behind it
 * is what people come for.
 * @throws {ProbeFailure}
 */
export async function openConnection(
  { host, port, tlsName }: Destination,
  options: {
    readonly connectTimeoutMs: number;
    readonly secureContext: () => SecureContext;
    readonly progress: Progress;
    /** Aborted at the deadline; the connection is destroyed then. */
    readonly signal: AbortSignal;
  },
): Promise<Socket | TLSSocket> {
  const { progress } = options;
  progress.address = host;
  // An address that was typed is taken as it is.
  const addresses = isIP(host) === 0 ? await timed(progress, "dns", () => findAddresses(host)) : [host];
  progress.address = addresses.map((address) => withPort(address, port)).join(" and ");
  const socket = await timed(progress, "connect", () => openTcp({ addresses, port }, options));
  progress.address = withPort(socket.remoteAddress ?? "", port);
  progress.connected = true;
  if (tlsName === undefined) return socket;
  return await timed(progress, "tls", () => startTls(socket, { ...options, tlsName }));
}

async function timed<Value>(
  progress: Progress,
  phase: "dns" | "connect" | "tls",
  run: () => Promise<Value>,
): Promise<Value> {
  progress.phase = phase;
  const startedAt = performance.now();
  try {
    return await run();
  } finally {
    progress.phasesMs[phase] = performance.now() - startedAt;
  }
}

/** A name must not lead us to where only insiders get. */
async function findAddresses(host: string): Promise<string[]> {
  const found = (await lookup(host, { all: true })).map(({ address }) => address);
  const allowed = found.filter((address) => !isForbiddenAddress(address));
  if (allowed.length > 0) return allowed;
  const where = `${host} leads to ${found.join(", ")}`;
  throw new ProbeFailure(
    "dns",
    "ADDRESS_REFUSED",
    `${where}: link-local or cloud-internal, never asked by name`,
  );
}

async function openTcp(
  { addresses, port }: { readonly addresses: readonly string[]; readonly port: number },
  options: { readonly connectTimeoutMs: number; readonly progress: Progress; readonly signal: AbortSignal },
): Promise<Socket> {
  const { progress, connectTimeoutMs, signal } = options;
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first = ""] = addresses;
  try {
    return await withDeadline({ timeoutMs: connectTimeoutMs, signal }, async (untilTimeout) => {
      // With several addresses, a name that is none: Node then asks for all of them and tries one after the other.
      const socket = connectTcp(
        addresses.length === 1
          ? { host: first, port }
          : {
              host: "addresses.invalid",
              port,
              autoSelectFamily: true,
              lookup: (_name, _options, done) => done(null, entries),
            },
      );
      return await settled(socket, { event: "connect", progress, signal: untilTimeout });
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw new ProbeFailure(
      "connect",
      "ETIMEDOUT",
      `${progress.address} did not answer the connection attempt`,
    );
  }
}

async function startTls(
  socket: Socket,
  options: {
    readonly tlsName: string;
    readonly secureContext: () => SecureContext;
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<TLSSocket> {
  const { tlsName, progress, signal } = options;
  const secured = connectTls({
    socket,
    host: tlsName,
    // SNI holds names only. Source: RFC 6066, section 3.
    servername: isIP(tlsName) === 0 ? tlsName : "",
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: false,
    secureContext: options.secureContext(),
  });
  return await settled(secured, { event: "secureConnect", progress, signal });
}

/** The socket once `event` came. A socket that fails, closes or is aborted first is destroyed. */
async function settled<Sock extends Socket>(
  socket: Sock,
  options: {
    readonly event: "connect" | "secureConnect";
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<Sock> {
  const { event, progress, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Sock>();
  const { phase, address } = progress;
  const close = () => reject(new ProbeFailure(phase, "ECONNRESET", `${address} closed the connection`));
  const abort = () => reject(signal.reason);
  // Stays for good: a destroyed socket may still report, and an error nobody listens to ends the process.
  socket.on("error", (error) => reject(makeFailure(error, { phase, address })));
  socket.once(event, () => resolve(socket));
  socket.once("close", close);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off("close", close);
    signal.removeEventListener("abort", abort);
  }
}

function withPort(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
