/** One request after its body was read, raw: what is proven and what is parsed are the same bytes. */
export interface WebRequest {
  readonly method: string;
  readonly url: URL;
  /** What the placeholders of the route's path stand for. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Headers;
  /** Empty for GET. */
  readonly body: Buffer<ArrayBuffer>;
  /** Who is at the other end of the connection: a reverse proxy, where there is one. */
  readonly remoteAddress: string;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
}

export function textAnswer(status: number, text: string, headers: Record<string, string> = {}): WebAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body: `${text}\n` };
}

export function jsonAnswer(status: number, value: unknown): WebAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** The same for every reason, so that nobody learns which part was wrong. */
export const UNPROVEN = textAnswer(401, "Not proven.");
