import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { loadPlaybook, type PlaybookOrigin } from "./load-playbook.ts";
import type { Playbook } from "./playbook.ts";

/**
 * All `*.yaml` files of a directory, by name. A later directory may not redefine an earlier one's system: two
 * playbooks of one name would make it a matter of luck which of them speaks.
 * @throws {ConfigError} for the first file that is wrong, and for a name that is taken.
 */
export async function loadPlaybooks(
  directories: readonly { readonly path: string; readonly origin: PlaybookOrigin }[],
): Promise<readonly Playbook[]> {
  const playbooks = new Map<string, Playbook>();
  for (const { path, origin } of directories) {
    for (const file of await listPlaybookFiles(path)) {
      const playbook = await loadPlaybook(file, origin);
      if (playbooks.has(playbook.id)) {
        throw new ConfigError(`${file}: a playbook named ${playbook.id} exists already.`, {
          hint: "Give the file another name.",
        });
      }
      playbooks.set(playbook.id, playbook);
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
