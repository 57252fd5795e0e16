import { UsageError } from "../intake/usage-error.ts";
import { COMMANDS } from "./command-table.ts";
import { parseOptions } from "./parse-options.ts";

export interface StartOptions {
  readonly config?: string;
  readonly playbooks: readonly string[];
}

/** What was typed after `start`. @throws {UsageError} */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const { values, positionals } = parseOptions("start", args, COMMANDS.start.options);
  if (positionals.length > 0) {
    throw new UsageError(`start takes no words, and "${positionals.join(" ")}" was given.`, {
      hint: "Sites and hosts are described in diagnose502.yaml; see docs/config.md.",
    });
  }
  const { config, playbooks = [] } = values;
  return { playbooks, ...(config === undefined ? {} : { config }) };
}
