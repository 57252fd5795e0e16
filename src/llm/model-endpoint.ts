const MAX_RESPONSE_BYTES = 64 * 1024;

/** No header of the surroundings (`OPENAI_CUSTOM_HEADERS`), and nothing about this machine, goes out. */
const SENT_HEADERS = ["authorization", "content-type", "accept"];

/** `fetch` that speaks to one origin, follows nobody elsewhere, and reads no more than an answer can need. */
export function createModelFetch({ origin }: URL): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) throw new TypeError(`refused to send to ${url.origin}`);
    const all = new Headers(init.headers);
    const headers = new Headers(SENT_HEADERS.map((name): [string, string] => [name, all.get(name) ?? ""]));
    const response = await fetch(url, { ...init, headers, redirect: "error" });
    const body = await readAtMost(response, MAX_RESPONSE_BYTES);
    const { status } = response;
    const contentType = response.headers.get("content-type") ?? "text/plain";
    return new Response(body, { status, headers: { "content-type": contentType } });
  };
}

async function readAtMost(response: Response, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TypeError(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
