import { readdir } from "node:fs/promises";
import { basename, isAbsolute, join } from "node:path";
import { ConfigError } from "../../config/config-error.ts";
import { nearestName } from "../../config/nearest-name.ts";
import { parseYaml } from "../../config/parse-yaml.ts";
import { readTrustedFile } from "../../config/read-trusted-file.ts";
import { type AlertMapping, AlertMappingSchema } from "./alert-mapping.ts";

const MAX_BYTES = 64 * 1024;

/**
 * A mapping by the name it was shipped under, or from the absolute path of one's own. `place`: where the config names it.
 * @throws {ConfigError} for a name that is not shipped, and for a file that is wrong or that others could have written.
 */
export async function loadAlertMapping(
  mapping: string,
  { shipped, place }: { readonly shipped: string; readonly place: string },
): Promise<AlertMapping> {
  const names = await shippedNames(shipped);
  if (!isAbsolute(mapping) && !names.includes(mapping)) {
    const nearest = nearestName(mapping, names);
    const guess = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
    throw new ConfigError(`${place}: No alert mapping is called ${JSON.stringify(mapping)}${guess}.`, {
      hint: `Shipped: ${names.join(", ")}. One's own is named by its file: ./mine.yaml`,
    });
  }
  const file = isAbsolute(mapping) ? mapping : join(shipped, `${mapping}.yaml`);
  return parseAlertMapping(await readMapping(file, place), { file });
}

/** @throws {ConfigError} naming file, line and column of each problem. */
export function parseAlertMapping(text: string, { file }: { readonly file: string }): AlertMapping {
  return parseYaml(text, { file, schema: AlertMappingSchema }).value;
}

async function shippedNames(directory: string): Promise<readonly string[]> {
  const files = await readdir(directory);
  return files
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .sort();
}

async function readMapping(file: string, place: string): Promise<string> {
  try {
    return await readTrustedFile(file, { maxBytes: MAX_BYTES });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const code = cause instanceof Error && "code" in cause ? cause.code : "unknown error";
    throw new ConfigError(`${place}: ${file} cannot be read (${code}).`, {
      hint: "The config names it as the mapping of a sender of alerts.",
      cause,
    });
  }
}
