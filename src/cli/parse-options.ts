import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { nearestName } from "../config/nearest-name.ts";
import { UsageError } from "../intake/usage-error.ts";

/**
 * Strict options and positionals of one command.
 * @throws {UsageError} naming the wrong option and the one that was probably meant.
 */
export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  command: string,
  args: readonly string[],
  options: Options,
) {
  refuseUnknownOptions(command, args, options);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!isParseArgsError(error)) throw error;
    const [problem = ""] = error.message.split("\n");
    throw new UsageError(`${problem.replace(/\.?$/, ".")}`, { hint: helpOf(command), cause: error });
  }
}

function refuseUnknownOptions(
  command: string,
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): void {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option" || Object.hasOwn(options, token.name)) continue;
    const meant = nearestName(token.name, Object.keys(options));
    throw new UsageError(`${command} has no option ${token.rawName}.`, {
      hint: meant === undefined ? helpOf(command) : `Did you mean --${meant}?`,
    });
  }
}

function helpOf(command: string): string {
  return `See: diagnose502 ${command} --help`;
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}
