/** Source: what senders of alerts post is some ten kilobytes; Grafana with pictures as links stays under a hundred. */
export const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;

/** A body that is not read any further; `status` is what its sender is told. */
export class BodyError extends Error {
  readonly status: 400 | 413 | 415;
  constructor(status: 400 | 413 | 415, message: string) {
    super(message);
    this.name = "BodyError";
    this.status = status;
  }
}

/** The bytes as they were sent. @throws {BodyError} for an encoded or too large one, as soon as that is known. */
export async function readBody(request: Request): Promise<Buffer> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new BodyError(415, "No content-encoding is accepted.");
  }
  const tooLarge = new BodyError(413, `A body has at most ${MAX_BODY_BYTES} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws {BodyError} when it is no JSON in UTF-8, nested more than 32 deep, or has a key `__proto__`. */
export function parseJsonBody(body: Buffer): unknown {
  const text = decodeUtf8(body);
  // before JSON.parse: it recurses
  if (depthOf(text) > MAX_DEPTH) throw new BodyError(400, `JSON is nested at most ${MAX_DEPTH} deep here.`);
  const value = parse(text);
  if (hasPrototypeKey(value)) throw new BodyError(400, "A key must not be called __proto__.");
  return value;
}

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new BodyError(400, "The body is not UTF-8.");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyError(400, "The body is not JSON.");
  }
}

/** How deeply brackets outside of strings are nested; one pass. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isString = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (isString) {
      if (char === "\\") index++;
      else if (char === '"') isString = false;
    } else if (char === '"') isString = true;
    else if (char === "{" || char === "[") deepest = Math.max(deepest, ++depth);
    else if (char === "}" || char === "]") depth--;
  }
  return deepest;
}

function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Object.hasOwn(value, "__proto__")) return true;
  return Object.values(value).some(hasPrototypeKey);
}
