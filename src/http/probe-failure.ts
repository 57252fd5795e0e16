import type { PublicSample } from "../collect/evidence.ts";

type SampleError = NonNullable<PublicSample["error"]>;

/** Why a request ended without its whole answer. It never leaves this folder: a sample carries it as a value. */
export class ProbeFailure extends Error {
  readonly phase: SampleError["phase"];
  readonly code: string;

  constructor(phase: SampleError["phase"], code: string, message: string) {
    super(message);
    this.phase = phase;
    this.code = code;
  }

  toSampleError(): SampleError {
    return { phase: this.phase, code: this.code, message: this.message };
  }
}

/** What the codes of Node and undici mean to someone who looks at a site. `{at}` is the address. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name does not exist in DNS",
  EAI_AGAIN: "the DNS server did not answer",
  EAI_NODATA: "the name has no address in DNS",
  ECONNREFUSED: "{at} refused the connection: nothing listens there",
  ETIMEDOUT: "{at} did not answer to a connection attempt",
  EHOSTUNREACH: "{at} cannot be reached: no route to host",
  ENETUNREACH: "{at} cannot be reached: no route to its network",
  ECONNRESET: "{at} reset the connection",
  EPIPE: "{at} closed the connection while the request was sent",
  UND_ERR_SOCKET: "{at} closed the connection before the answer was complete",
  UND_ERR_HEADERS_OVERFLOW: "{at} sent a response header of more than 16 KiB",
  ERR_SSL_WRONG_VERSION_NUMBER: "{at} does not speak TLS on this port",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "{at} does not speak TLS on this port",
};

/** A thrown value of Node or undici as a failure of `phase` at `address`. */
export function makeFailure(
  error: unknown,
  options: { readonly phase: SampleError["phase"]; readonly address: string },
): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const { phase, address } = options;
  const cause = firstCause(error);
  const code = codeOf(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Error && cause.name === "HTTPParserError") {
    return new ProbeFailure(
      phase,
      code ?? "HTTP_PARSER",
      `${address} did not answer in HTTP: ${text.slice(0, 200)}`,
    );
  }
  const meaning = code === undefined ? undefined : MEANINGS[code];
  const message = meaning?.replace("{at}", address) ?? `${address}: ${text.slice(0, 200)}`;
  return new ProbeFailure(phase, code ?? "UNKNOWN", message);
}

/** With several addresses Node gives one error for each; the first is as good as any. */
function firstCause(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
