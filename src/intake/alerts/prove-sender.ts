import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { SignatureScheme } from "./alert-mapping.ts";

/** How a sender shows that it is the one. Of what travels with each request only the SHA-256 is kept. */
export type SenderProof =
  | { readonly kind: "header"; readonly name: string; readonly digest: Buffer }
  | { readonly kind: "hmac"; readonly key: string; readonly scheme: SignatureScheme };

/** A request before anything in it is believed. */
interface UnprovenRequest {
  readonly headers: { get(name: string): string | null };
  readonly rawBody: Uint8Array;
  readonly now: number;
}

/** Signed longer ago, or further ahead, than this is refused. */
const WINDOW_S = 300;

/** The proof that nobody can give: what an unknown source is measured against, so that it takes no other path. */
export const NO_PROOF: SenderProof = { kind: "header", name: "authorization", digest: Buffer.alloc(32) };

export function headerProof(name: string, value: string): SenderProof {
  return { kind: "header", name, digest: sha256(value) };
}

/** Digests of equal length are compared, in a time that does not tell where they differ. */
export function isProven(proof: SenderProof, request: UnprovenRequest): boolean {
  if (proof.kind === "header") {
    return timingSafeEqual(sha256(request.headers.get(proof.name) ?? ""), proof.digest);
  }
  const { scheme } = proof;
  const signed = signedPart(scheme, request);
  const expected = createHmac("sha256", proof.key)
    .update(signed.prefix)
    .update(request.rawBody)
    .digest("hex");
  const given = request.headers.get(scheme.header) ?? "";
  const isEqual = timingSafeEqual(sha256(given), sha256(`${scheme.prefix}${expected}`));
  return isEqual && signed.isTimely;
}

/** The time in a signature, when there is one. */
export function signedTime(proof: SenderProof, headers: UnprovenRequest["headers"]): string | undefined {
  if (proof.kind !== "hmac" || proof.scheme.timestamp === undefined) return undefined;
  return headers.get(proof.scheme.timestamp.header) ?? undefined;
}

/** What stands before the body in the signed text, and whether its time is near enough. */
function signedPart(
  { timestamp }: SignatureScheme,
  { headers, now }: UnprovenRequest,
): { readonly prefix: string; readonly isTimely: boolean } {
  if (timestamp === undefined) return { prefix: "", isTimely: true };
  const text = headers.get(timestamp.header);
  if (text === null) return { prefix: "", isTimely: !timestamp.required };
  const isTimely = /^\d{1,12}$/.test(text) && Math.abs(now / 1000 - Number(text)) <= WINDOW_S;
  return { prefix: `${text}${timestamp.between}`, isTimely };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
