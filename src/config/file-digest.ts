import { createHash } from "node:crypto";

/** SHA-256 of the text of a file, hex: what `sha256sum` prints for it. */
export function fileDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
