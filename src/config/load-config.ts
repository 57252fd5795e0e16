import { join } from "node:path";
import type { Config } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import type { Environment } from "./environment.ts";
import { fileDigest } from "./file-digest.ts";
import { readTrustedFile } from "./read-trusted-file.ts";
import { resolvePath } from "./resolve-path.ts";

const MAX_BYTES = 64 * 1024;

export interface LoadedConfig extends Config {
  /** SHA-256 of its file, hex. */
  readonly digest: string;
}

/**
 * The operator's config: `file` (of `--config`), else `$DIAGNOSE502_CONFIG`, else the first that exists of
 * `./diagnose502.yaml`, `~/.config/diagnose502/diagnose502.yaml` and `/etc/diagnose502/diagnose502.yaml`.
 * `undefined` when none of the three exists.
 * @throws {ConfigError} when it is wrong, may have been written by others, or the file asked for is not there.
 */
export async function loadConfig(
  environment: Environment,
  options: { readonly file?: string } = {},
): Promise<LoadedConfig | undefined> {
  const { home, workingDirectory } = environment;
  const asked = options.file ?? environment.configFile;
  if (asked !== undefined) {
    const file = resolvePath(asked, { home, directory: workingDirectory });
    const config = await loadFile(file, { home });
    if (config) return config;
    const by = options.file === undefined ? "DIAGNOSE502_CONFIG" : "--config";
    throw new ConfigError(`${file}, named by ${by}, does not exist.`, { hint: "Correct the path." });
  }
  for (const file of [
    join(workingDirectory, "diagnose502.yaml"),
    join(home, ".config/diagnose502/diagnose502.yaml"),
    "/etc/diagnose502/diagnose502.yaml",
  ]) {
    const config = await loadFile(file, { home });
    if (config) return config;
  }
  return undefined;
}

async function loadFile(file: string, options: { readonly home: string }): Promise<LoadedConfig | undefined> {
  try {
    const text = await readTrustedFile(file, { maxBytes: MAX_BYTES });
    // with it come the YAML and schema libraries, which a command without a config need not wait for
    const { parseConfig } = await import("./parse-config.ts");
    return { ...parseConfig(text, { file, ...options }), digest: fileDigest(text) };
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new ConfigError(`${file} cannot be read (${errorCode(cause) ?? "unknown error"}).`, {
      hint: `Check who may read it: ls -l ${file}`,
      cause,
    });
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
