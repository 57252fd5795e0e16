import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { fileDigest } from "../config/file-digest.ts";
import { readTrustedFile } from "../config/read-trusted-file.ts";
import { COMPILED_FILE, type CompiledPlaybooks, findCompiled } from "./compiled-playbooks.ts";
import type { PlaybookOrigin } from "./parse-playbook.ts";
import type { Playbook } from "./playbook.ts";

const MAX_FILE_BYTES = 64 * 1024;
const MAX_COMPILED_BYTES = 4 * 1024 * 1024;

export interface PlaybookDirectory {
  readonly path: string;
  readonly origin: PlaybookOrigin;
}

export interface LoadedPlaybook extends Playbook {
  /** SHA-256 of its file, hex. */
  readonly digest: string;
}

/**
 * All `*.yaml` files of the directories, by name. No directory may redefine a system of another: with two playbooks
 * of one name it would be luck which of them speaks.
 * @throws {ConfigError} for the first file that is wrong or that others could have written, and for a name that is taken.
 */
export async function loadPlaybooks(
  directories: readonly PlaybookDirectory[],
): Promise<readonly LoadedPlaybook[]> {
  const playbooks = new Map<string, LoadedPlaybook>();
  for (const { path, origin } of directories) {
    const compiled = origin === "shipped" ? await loadCompiled(path) : {};
    for (const file of await listPlaybookFiles(path)) {
      const yaml = await readPlaybookFile(file);
      const playbook = findCompiled(compiled, yaml) ?? (await parseLater(yaml, { file, origin }));
      if (playbooks.has(playbook.id)) {
        throw new ConfigError(`${file}: a playbook named ${playbook.id} exists already.`, {
          hint: "Give the file another name.",
        });
      }
      playbooks.set(playbook.id, { ...playbook, digest: fileDigest(yaml) });
    }
  }
  return [...playbooks.values()];
}

/** Paths of the `*.yaml` files of a directory, sorted. @throws {ConfigError} when it cannot be listed. */
export async function listPlaybookFiles(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new ConfigError(`${directory} cannot be listed.`, {
      hint: "Name a directory with playbooks (*.yaml).",
      cause,
    });
  });
  return names
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => join(directory, name));
}

/** The YAML of one playbook. @throws {ConfigError} when others could have written it, or it is no text of at most 64 KiB. */
export async function readPlaybookFile(file: string): Promise<string> {
  return await readTrustedFile(file, { maxBytes: MAX_FILE_BYTES }).catch((cause: unknown) => {
    if (cause instanceof ConfigError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${file} cannot be read: ${reason}`, { hint: "Name a playbook file.", cause });
  });
}

/** Our own file, written beside the playbooks it was made from; without it everything is parsed. */
async function loadCompiled(directory: string): Promise<CompiledPlaybooks> {
  const file = join(directory, COMPILED_FILE);
  const text = await readTrustedFile(file, { maxBytes: MAX_COMPILED_BYTES }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "{}";
    throw error;
  });
  return JSON.parse(text);
}

/** The YAML and schema libraries are loaded only when a playbook is not known yet. */
async function parseLater(
  yaml: string,
  options: { readonly file: string; readonly origin: PlaybookOrigin },
): Promise<Playbook> {
  const { parsePlaybook } = await import("./parse-playbook.ts");
  return parsePlaybook(yaml, options);
}
