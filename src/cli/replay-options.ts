import { UsageError } from "../intake/usage-error.ts";
import { COMMANDS } from "./command-table.ts";
import { parseOptions } from "./parse-options.ts";

/** What was typed after `replay`. @throws {UsageError} */
export function parseReplayOptions(args: readonly string[]): {
  readonly folder: string;
  readonly playbooks: readonly string[];
  readonly json: boolean;
} {
  const { values, positionals } = parseOptions("replay", args, COMMANDS.replay.options);
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) {
    throw new UsageError(`replay needs one folder, and ${positionals.length} were given.`, {
      hint: "For example: diagnose502 replay ./incident",
    });
  }
  return { folder, playbooks: values.playbooks ?? [], json: values.json ?? false };
}
