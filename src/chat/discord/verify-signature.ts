import { createPublicKey, type KeyObject, verify } from "node:crypto";

/** What stands before the 32 bytes of an ed25519 key in its SPKI form. Source: RFC 8410, section 4. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const SIGNATURE = /^[0-9a-f]{128}$/i;
const TIMESTAMP = /^\d{1,12}$/;
const WINDOW_S = 300;

/** Undefined when it is not 64 hex digits that make a key. */
export function parsePublicKey(hex: string): KeyObject | undefined {
  if (!/^[0-9a-f]{64}$/i.test(hex)) return undefined;
  const key = Buffer.concat([SPKI_PREFIX, Buffer.from(hex, "hex")]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

/** Whether Discord signed exactly this body at that moment, and lately. Source: Discord, "Setting Up an Endpoint: Validating Security Request Headers". */
export function isSigned(
  request: {
    readonly body: Buffer;
    /** Header `X-Signature-Ed25519`. */
    readonly signature: string;
    /** Header `X-Signature-Timestamp`: epoch seconds. */
    readonly timestamp: string;
  },
  { key, now }: { readonly key: KeyObject /** Epoch ms. */; readonly now: number },
): boolean {
  const { body, signature, timestamp } = request;
  if (!SIGNATURE.test(signature) || !TIMESTAMP.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > WINDOW_S) return false;
  return verify(null, Buffer.concat([Buffer.from(timestamp), body]), key, Buffer.from(signature, "hex"));
}
