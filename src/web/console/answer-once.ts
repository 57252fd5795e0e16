import { createHash } from "node:crypto";
import { textAnswer, type WebAnswer, type WebRequest } from "../web-message.ts";

/** Browsers and proxies repeat within seconds; a phone may do so once it is back in its network. */
const KEPT_MS = 10 * 60 * 1000;
/** Beyond this many the oldest is forgotten. */
const MAX_KEPT = 200;
const REQUEST_ID = /^[0-9a-f]{32}$/;

/** Answers by `answer`, and a repeated request with the answer to the first one. */
export type AnswerOnce = (request: WebRequest, answer: () => Promise<WebAnswer>) => Promise<WebAnswer>;

/**
 * For requests that do something. A browser sends one again by itself when the connection ends without an answer; both name the same
 * `Idempotency-Key`, a number that the page drew for one press. Another request under that number is another request. `now`: milliseconds,
 * monotonic. Source: draft-ietf-httpapi-idempotency-key-header.
 */
export function createAnswerOnce({ now }: { readonly now: () => number }): AnswerOnce {
  const kept = new Map<string, { readonly answer: Promise<WebAnswer>; readonly atMs: number }>();

  return async (request, answer) => {
    const id = request.headers.get("idempotency-key") ?? "";
    if (!REQUEST_ID.test(id)) return textAnswer(400, "Expected an Idempotency-Key of 32 hexadecimal digits.");
    const atMs = now();
    const key = digest(id, request);
    const first = kept.get(key);
    if (first !== undefined && atMs - first.atMs <= KEPT_MS) return first.answer;
    const made = { answer: answer(), atMs };
    kept.delete(key);
    kept.set(key, made);
    forgetOldest(kept, atMs - KEPT_MS);
    return made.answer;
  };
}

/** The oldest stand first: a Map keeps the order of insertion. */
function forgetOldest(kept: Map<string, { readonly atMs: number }>, beforeMs: number): void {
  for (const [key, { atMs }] of kept) {
    if (atMs >= beforeMs && kept.size <= MAX_KEPT) return;
    kept.delete(key);
  }
}

function digest(id: string, { url, body }: WebRequest): string {
  return createHash("sha256").update(`${id} ${url.pathname}\n`).update(body).digest("base64");
}
