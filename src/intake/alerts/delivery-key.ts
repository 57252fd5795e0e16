import { createHash } from "node:crypto";
import type { Alert } from "../alert.ts";
import type { AlertMapping } from "./alert-mapping.ts";
import { pickValues } from "./field-path.ts";

const MINUTE_MS = 60_000;

/**
 * What tells one delivery from the next, the same when the sender tries again, and when somebody replays what he has recorded: the
 * sender's own id of it, else the SHA-256 of its bytes. A body without any time in it is the same, byte for byte, when the alert
 * fires anew after it was resolved: there the signed time makes the difference, else a repeat is what comes within the minute.
 */
export function deliveryKey(
  { delivery }: AlertMapping,
  request: {
    readonly headers: { get(name: string): string | null };
    readonly rawBody: Uint8Array;
    readonly body: unknown;
    readonly alerts: readonly Alert[];
    /** Unix time, where it is part of what was signed. */
    readonly signedAt: string | undefined;
    readonly now: number;
  },
): string {
  const { headers, rawBody, body, alerts, signedAt, now } = request;
  const header = delivery.header === undefined ? undefined : headers.get(delivery.header);
  const [field] = delivery.field === undefined ? [] : pickValues(body, delivery.field);
  const id = header || (typeof field === "string" || typeof field === "number" ? String(field) : "");
  // hashed, because its length is the sender's choice
  if (id !== "") return sha256(`id ${id}`);
  const hash = sha256(rawBody);
  if (alerts.some(({ startedAt }) => startedAt !== undefined)) return hash;
  return `${hash}@${signedAt ?? Math.floor(now / MINUTE_MS)}`;
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
