import { BlockList, isIP } from "node:net";
import { ConfigError } from "../config/config-error.ts";

const PUBLIC_ENDPOINT = "https://api.openai.com/v1";
const MAX_RESPONSE_BYTES = 64 * 1024;

/** No header of the surroundings (`OPENAI_CUSTOM_HEADERS`), and nothing about this machine, goes out. */
const SENT_HEADERS = ["authorization", "content-type", "accept"];

/**
 * Where the model is. Unencrypted only within one's own network.
 * @throws {ConfigError}
 */
export function readModelUrl(baseUrl: string = PUBLIC_ENDPOINT): URL {
  const url = URL.parse(baseUrl);
  if (url?.protocol === "https:") return url;
  if (url?.protocol === "http:" && isPrivate(url.hostname)) return url;
  throw new ConfigError(`model.baseUrl: ${url?.origin ?? "what was given"} is not reached by https.`, {
    hint: "Evidence is sent there: use https, or a model in your own network (http://localhost:11434/v1).",
  });
}

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

const PRIVATE = new BlockList();
PRIVATE.addSubnet("127.0.0.0", 8, "ipv4");
PRIVATE.addSubnet("10.0.0.0", 8, "ipv4");
PRIVATE.addSubnet("172.16.0.0", 12, "ipv4");
PRIVATE.addSubnet("192.168.0.0", 16, "ipv4");
PRIVATE.addSubnet("100.64.0.0", 10, "ipv4");
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");

/** Private addresses, and names that no public name server knows. */
function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const version = isIP(host);
  if (version !== 0) return PRIVATE.check(host, version === 4 ? "ipv4" : "ipv6");
  return !host.includes(".") || /\.(?:localhost|local|internal|lan|home\.arpa)$/.test(host);
}
