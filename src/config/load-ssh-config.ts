import { glob } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ConfigError } from "./config-error.ts";
import type { Environment } from "./environment.ts";
import { parseSshConfig, type SshCondition, type SshDirective } from "./parse-ssh-config.ts";
import { readTrustedFile } from "./read-trusted-file.ts";
import { resolvePath } from "./resolve-path.ts";

const MAX_BYTES = 1024 * 1024;
/** Source: OpenSSH readconf.c, READCONF_MAX_DEPTH. */
const MAX_DEPTH = 16;

/**
 * All directives of the user's and the system's ssh_config, includes followed, in the order in which ssh reads them.
 * A file that does not exist is as good as empty.
 * @throws {ConfigError} when others may write one of the files, or includes never end.
 */
export async function loadSshConfig(
  environment: Pick<Environment, "home">,
  options: { readonly files?: readonly string[] } = {},
): Promise<readonly SshDirective[]> {
  const { home } = environment;
  const files = options.files ?? [join(home, ".ssh/config"), "/etc/ssh/ssh_config"];
  const directives: SshDirective[] = [];
  for (const file of files) {
    // Relative includes start here, whatever directory the including file is in.
    const directory = file.startsWith("/etc/") ? dirname(file) : join(home, ".ssh");
    directives.push(...(await loadFile(file, { home, directory, conditions: [], depth: 0 })));
  }
  return directives;
}

interface Place {
  readonly home: string;
  readonly directory: string;
  readonly conditions: readonly SshCondition[];
  readonly depth: number;
}

async function loadFile(file: string, place: Place): Promise<SshDirective[]> {
  if (place.depth > MAX_DEPTH) {
    throw new ConfigError(`${file} is included more than ${MAX_DEPTH} files deep.`, {
      hint: "Look for an Include that includes itself.",
    });
  }
  const text = await readIfThere(file);
  const directives: SshDirective[] = [];
  for (const directive of parseSshConfig(text, { file, conditions: place.conditions })) {
    if (directive.keyword !== "include") {
      directives.push(directive);
      continue;
    }
    for (const pattern of directive.args) {
      for (const included of await findFiles(resolvePath(pattern, place))) {
        const { conditions } = directive;
        directives.push(...(await loadFile(included, { ...place, conditions, depth: place.depth + 1 })));
      }
    }
  }
  return directives;
}

async function findFiles(pattern: string): Promise<string[]> {
  if (!/[*?[]/.test(pattern)) return [pattern];
  const files: string[] = [];
  for await (const file of glob(pattern)) files.push(file);
  return files.sort();
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readTrustedFile(file, { maxBytes: MAX_BYTES });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    throw new ConfigError(`${file} cannot be read (${code}).`, {
      hint: `Check who may read it: ls -l ${file}`,
      cause,
    });
  }
}
