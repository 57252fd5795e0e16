import { basename } from "node:path";
import { parseYaml } from "../config/parse-yaml.ts";
import { outsidePlaybookSchema } from "./outside-rules.ts";
import type { Playbook } from "./playbook.ts";
import { playbookSchema } from "./playbook-schema.ts";

/**
 * Whose playbook it is. `shipped`: part of the product, reviewed with it. `outside`: somebody else's; it may read
 * less, and run only programs that are known to change nothing.
 */
export type PlaybookOrigin = "shipped" | "outside";

/** @throws {ConfigError} naming file, line, column, the key seen and the keys allowed, for each problem. */
export function parsePlaybook(
  text: string,
  options: { readonly file: string; readonly origin: PlaybookOrigin },
): Playbook {
  const schema = options.origin === "shipped" ? playbookSchema : outsidePlaybookSchema;
  const { value } = parseYaml(text, { file: options.file, schema });
  return { id: basename(options.file, ".yaml"), ...value };
}
