import { cleanText } from "./clean-text.ts";
import type { PublicSample } from "./evidence.ts";
import type { OnProgress } from "./progress.ts";
import { type Redact, redact } from "./redact.ts";

/** The edge to the site's own URL. */
export interface PublicHttp {
  /**
   * One GET on a connection of its own; redirects are reported, not followed. A broken site is a value: this rejects
   * only when `signal` is aborted. Texts are as the site sent them, and bounded: 16 KiB of headers, 8 KiB of the body.
   */
  sample(url: string, options: SampleOptions): Promise<PublicSample>;
}

export interface SampleOptions {
  /** Address or name, with `:port` when not the URL's, to ask instead of where DNS leads; SNI and Host stay the URL's. */
  readonly address?: string;
  /** From the look-up to the end of the body. */
  readonly timeoutMs: number;
  /** For the TCP connection alone. */
  readonly connectTimeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Enough to tell a fault of one worker or backend from a total one. */
const PUBLIC_COUNT = 4;
const PINNED_COUNT = 2;
const MAX_PINNED_ADDRESSES = 8;

/** A gateway that waits 60 s for its upstream would hold up the diagnosis; its log tells the rest. */
const TIMEOUT_MS = 8000;
/** Two retransmissions of a lost SYN (after 1 and 3 s) fit in. */
const CONNECT_TIMEOUT_MS = 4000;
const MAX_BODY_START = 4096;
const MAX_TEXT = 512;

/**
 * Asks the URL several times, where DNS leads and at each pinned address, all at once: the whole takes as long as the
 * slowest request, and at most 8 s. Public ones come first.
 */
export async function collectSamples(options: {
  readonly http: PublicHttp;
  readonly url: string;
  readonly pinnedAddresses: readonly string[];
  readonly onProgress?: OnProgress;
  /** The usual one unless told. */
  readonly redact?: Redact;
  readonly signal?: AbortSignal;
}): Promise<readonly PublicSample[]> {
  const { http, url, pinnedAddresses, onProgress, signal } = options;
  const targets: readonly { readonly address?: string }[] = [
    ...Array.from({ length: PUBLIC_COUNT }, () => ({})),
    ...pinnedAddresses
      .slice(0, MAX_PINNED_ADDRESSES)
      .flatMap((address) => Array.from({ length: PINNED_COUNT }, () => ({ address }))),
  ];
  return await Promise.all(
    targets.map(async (target) => {
      const sample = await http.sample(url, {
        ...target,
        timeoutMs: TIMEOUT_MS,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        ...(signal === undefined ? {} : { signal }),
      });
      onProgress?.({ kind: "sampled", url, status: sample.status });
      return cleanSample(sample, options.redact ?? redact);
    }),
  );
}

/** Whatever the site or its certificate says, as people may read it. */
function cleanSample(sample: PublicSample, redactText: Redact): PublicSample {
  const clean = (text: string, maxLength = MAX_TEXT) => cleanAndCut(text, { maxLength, redactText });
  const { error, tls, headers, bodyStart } = sample;
  return {
    ...sample,
    ...(error === undefined ? {} : { error: { ...error, message: clean(error.message) } }),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            ...tls,
            subject: clean(tls.subject),
            issuer: clean(tls.issuer),
            names: tls.names.map((name) => clean(name)),
            ...(tls.problem === undefined ? {} : { problem: clean(tls.problem) }),
          },
        }),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [clean(name), clean(value)] as const),
    ),
    bodyStart: clean(bodyStart, MAX_BODY_START),
  };
}

/** Cut last: half a secret would not be recognised as one. */
function cleanAndCut(
  text: string,
  { maxLength, redactText }: { readonly maxLength: number; readonly redactText: Redact },
): string {
  const whole = cleanText(Buffer.from(text), { maxLineLength: text.length });
  return redactText(whole).slice(0, maxLength);
}
