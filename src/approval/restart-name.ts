import type { Intent } from "./intent.ts";

/** Which restart is meant, wherever it is spoken of: `app.service on origin-1 for shop at 2026-11-20 03:10 UTC`. */
export function restartName({ identity, host, site, sentAt, createdAt }: Intent): string {
  const at = (sentAt ?? createdAt).slice(0, 16).replace("T", " ");
  return `${identity.id} on ${host} for ${site} at ${at} UTC`;
}
