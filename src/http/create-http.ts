import { createSecureContext, getCACertificates, type SecureContext, TLSSocket } from "node:tls";
import type { PublicSample } from "../collect/evidence.ts";
import type { PublicHttp, SampleOptions } from "../collect/public-probe.ts";
import { readHostSpec } from "../config/host-spec.ts";
import { type Destination, openConnection, type Progress } from "./open-connection.ts";
import { makeFailure, ProbeFailure } from "./probe-failure.ts";
import { type Answer, sendRequest } from "./send-request.ts";
import { readTlsFacts } from "./tls-facts.ts";
import { DeadlineError, withDeadline } from "./with-deadline.ts";

/**
 * HTTP/1.1 requests to public URLs, each on a connection of its own. `authorities` are PEM certificates trusted beside
 * those of Node and the system.
 */
export function createHttp(options: {
  readonly version: string;
  readonly authorities?: readonly string[];
}): PublicHttp {
  const userAgent = `diagnose502/${options.version}`;
  let context: SecureContext | undefined;
  const secureContext = () => {
    context ??= createContext(options.authorities ?? []);
    return context;
  };
  return {
    sample: (url, sampleOptions) => sample(new URL(url), { ...sampleOptions, userAgent, secureContext }),
  };
}

async function sample(
  url: URL,
  options: SampleOptions & { readonly userAgent: string; readonly secureContext: () => SecureContext },
): Promise<PublicSample> {
  const { address, signal } = options;
  const at = new Date().toISOString();
  const startedAt = performance.now();
  const progress: Progress = { phase: "dns", address: url.host, connected: false, phasesMs: {} };
  const answer: Answer = { status: null, headers: {}, bodyStart: "" };
  let tls: PublicSample["tls"];
  let failure: ProbeFailure | undefined;
  try {
    await withDeadline(options, async (untilDeadline) => {
      const destination = findDestination(url, address);
      const socket = await openConnection(destination, { ...options, progress, signal: untilDeadline });
      if (socket instanceof TLSSocket) tls = readTlsFacts(socket);
      await sendRequest(url, { ...options, socket, progress, answer, signal: untilDeadline });
    });
  } catch (error) {
    signal?.throwIfAborted();
    failure = error instanceof DeadlineError ? makeTimeout(progress, options) : makeFailure(error, progress);
  }
  const total = performance.now() - startedAt;
  return {
    via: address === undefined ? "public" : { pinned: address },
    at,
    ...(failure === undefined ? {} : { error: failure.toSampleError() }),
    phasesMs: roundPhases({ ...progress.phasesMs, total }),
    ...(progress.connected ? { address: progress.address } : {}),
    ...(tls === undefined ? {} : { tls }),
    ...answer,
  };
}

/** The URL's host and port, or those of the pinned address; the name in the certificate stays the URL's. */
function findDestination(url: URL, pinned: string | undefined): Destination {
  const urlHost = url.hostname.replace(/^\[|\]$/g, "");
  const isTls = url.protocol === "https:";
  const read = pinned === undefined ? undefined : readHostSpec(pinned);
  if (read?.ok === false) throw new ProbeFailure("dns", "BAD_ADDRESS", read.problem);
  return {
    host: read?.spec.host ?? urlHost,
    port: read?.spec.port ?? Number(url.port || (isTls ? 443 : 80)),
    ...(isTls ? { tlsName: urlHost } : {}),
  };
}

function makeTimeout({ phase, address }: Progress, { timeoutMs }: SampleOptions): ProbeFailure {
  const waitedFor = {
    dns: "could not be looked up",
    connect: "did not answer the connection attempt",
    tls: "did not finish the TLS handshake",
    request: "did not take the request",
    response: "did not answer in full",
  } as const;
  return new ProbeFailure(phase, "ETIMEDOUT", `${address} ${waitedFor[phase]} within ${timeoutMs / 1000} s`);
}

function roundPhases(phases: PublicSample["phasesMs"]): PublicSample["phasesMs"] {
  const rounded = Object.entries(phases).map(([phase, ms]) => [phase, Math.round(ms * 10) / 10]);
  return { total: phases.total, ...Object.fromEntries(rounded) };
}

function createContext(authorities: readonly string[]): SecureContext {
  const ca = new Set([...getCACertificates("default"), ...getCACertificates("system"), ...authorities]);
  return createSecureContext({ ca: [...ca] });
}
