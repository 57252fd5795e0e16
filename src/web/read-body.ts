import { parseBody } from "../intake/alerts/parse-body.ts";

/** Source: what senders of alerts post is some ten kilobytes; Grafana with pictures as links stays under a hundred. */
const MAX_BODY_BYTES = 1024 * 1024;

/** A body that is not read any further; `status` is what its sender is told. */
export class BodyError extends Error {
  readonly status: 400 | 413 | 415;
  constructor(status: 400 | 413 | 415, message: string) {
    super(message);
    this.name = "BodyError";
    this.status = status;
  }
}

/** The bytes as they were sent. @throws {BodyError} for an encoded or too large one, as soon as that is known, and for a part of one. */
export async function readBody(request: Request): Promise<Buffer<ArrayBuffer>> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new BodyError(415, "No content-encoding is accepted.");
  }
  const tooLarge = new BodyError(413, `A body has at most ${MAX_BODY_BYTES} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES) throw tooLarge;
      chunks.push(chunk);
    }
  } catch (error) {
    // whoever hangs up is no fault of ours, and must not be able to fill the log
    throw error === tooLarge ? error : new BodyError(400, "The body broke off.");
  }
  return Buffer.concat(chunks);
}

/** The bytes as JSON of ours. @throws {BodyError} naming what is wrong with it. */
export function parseJsonBody(body: Buffer): unknown {
  const parsed = parseBody(body);
  if (!parsed.ok) throw new BodyError(400, `${parsed.problem}.`);
  return parsed.value;
}
