import { createHmac, timingSafeEqual } from "node:crypto";

const TIMESTAMP = /^\d{1,12}$/;
const SIGNATURE = /^v0=[0-9a-f]{64}$/;
const WINDOW_S = 300;

/** Whether Slack signed exactly this body at that moment, and lately. Source: Slack, "Verifying requests from Slack". */
export function isSigned(
  request: {
    readonly body: Buffer;
    /** Header `X-Slack-Signature`. */
    readonly signature: string;
    /** Header `X-Slack-Request-Timestamp`: epoch seconds. */
    readonly timestamp: string;
  },
  { secrets, now }: { readonly secrets: readonly string[] /** Epoch ms. */; readonly now: number },
): boolean {
  const { body, signature, timestamp } = request;
  if (!SIGNATURE.test(signature) || !TIMESTAMP.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > WINDOW_S) return false;
  const presented = Buffer.from(signature.slice(3), "hex");
  return secrets.some((secret) => {
    if (secret === "") return false;
    const expected = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest();
    return timingSafeEqual(expected, presented);
  });
}
