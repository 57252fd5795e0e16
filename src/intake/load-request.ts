import { statSync } from "node:fs";
import type { Config } from "../config/config.ts";
import type { Environment } from "../config/environment.ts";
import { loadConfig } from "../config/load-config.ts";
import { loadSshConfig } from "../config/load-ssh-config.ts";
import type { DiagnosisRequest } from "./diagnosis-request.ts";
import { makeRequest, type RequestOptions } from "./make-request.ts";

/**
 * Reads the config (`config`: its file, or what was read from it; else where it usually is; there need be none) and ssh_config, and makes the
 * request.
 * `notes` says what of ssh_config was left out.
 * @throws {UsageError | ConfigError}
 */
export async function loadRequest(
  { config: given, ...options }: RequestOptions & { readonly config?: string | Config },
  environment: Environment,
): Promise<{ readonly request: DiagnosisRequest; readonly notes: readonly string[] }> {
  const [config, sshConfig] = await Promise.all([
    typeof given === "object" ? given : loadConfig(environment, given === undefined ? {} : { file: given }),
    loadSshConfig(environment),
  ]);
  const notes = new Set<string>();
  const request = makeRequest(options, {
    config,
    sshConfig,
    environment,
    isFile,
    onNote: (note) => notes.add(note),
  });
  return { request, notes: [...notes] };
}

/** What we may not see is as good as not there. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
