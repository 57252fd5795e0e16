import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AlertMapping } from "../../../src/intake/alerts/alert-mapping.ts";
import { parseAlertMapping } from "../../../src/intake/alerts/load-alert-mapping.ts";

/** Where the mappings that come with the product are. */
export const SHIPPED_MAPPINGS = join(import.meta.dirname, "../../../intake");

export function shippedMapping(name: string): AlertMapping {
  const file = join(SHIPPED_MAPPINGS, `${name}.yaml`);
  return parseAlertMapping(readFileSync(file, "utf8"), { file });
}

/** A body that a sender really sent. */
export function sampleBody(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, "samples", `${name}.json`));
}
