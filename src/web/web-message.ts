/** One request after its body was read, raw: what is proven and what is parsed are the same bytes. */
export interface WebRequest {
  readonly method: string;
  readonly path: string;
  /** What the placeholders of the route's path stand for. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Names are found in any case. */
  header(name: string): string | undefined;
  /** Empty for GET. */
  readonly body: Buffer;
  /** @throws {BodyError} when it is no JSON, nested too deeply, or names `__proto__`. */
  json(): unknown;
  /** Who is at the other end of the connection: a reverse proxy, where there is one. */
  readonly remoteAddress: string;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

/** An endpoint that strangers post to, and the proof it asks for: both see the raw body. */
export interface SignedHandler {
  /** True only for a request of the sender it claims to be of, not seen before. */
  isGenuine(request: WebRequest): Promise<boolean>;
  handle(request: WebRequest): Promise<WebAnswer>;
}

export function textAnswer(status: number, text: string, headers: Record<string, string> = {}): WebAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body: `${text}\n` };
}

export function jsonAnswer(status: number, value: unknown): WebAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
