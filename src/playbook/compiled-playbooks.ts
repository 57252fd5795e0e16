import { fileDigest } from "../config/file-digest.ts";
import type { Playbook } from "./playbook.ts";

/**
 * Playbooks as parsed from YAML earlier, by the SHA-256 of that YAML: a file that was changed is simply not found, and
 * is parsed again. Reading these takes a tenth of the time, which every start of the program saves.
 */
export type CompiledPlaybooks = Readonly<Record<string, Playbook>>;

/** The file in the directory of playbooks that holds them. */
export const COMPILED_FILE = "compiled.json";

export function findCompiled(compiled: CompiledPlaybooks, yaml: string): Playbook | undefined {
  return compiled[fileDigest(yaml)];
}

export function renderCompiled(
  playbooks: readonly { readonly yaml: string; readonly playbook: Playbook }[],
): string {
  const compiled = Object.fromEntries(playbooks.map(({ yaml, playbook }) => [fileDigest(yaml), playbook]));
  return `${JSON.stringify(compiled)}\n`;
}
