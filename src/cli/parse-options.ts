import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { nearestName } from "../config/nearest-name.ts";
import { UsageError } from "../intake/usage-error.ts";

/**
 * Strict options and positionals of one command. A value is never empty: that is a variable of the caller's that is not set.
 * @throws {UsageError} naming the wrong option and the one that was probably meant.
 */
export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  command: string,
  args: readonly string[],
  options: Options,
) {
  refuseWrongOptions(command, args, options);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!isParseArgsError(error)) throw error;
    const [problem = ""] = error.message.split("\n");
    throw new UsageError(`${problem.replace(/\.?$/, ".")}`, { hint: helpOf(command), cause: error });
  }
}

function refuseWrongOptions(command: string, args: readonly string[], options: ParseArgsOptionsConfig): void {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) {
      const meant = nearestName(token.name, Object.keys(options));
      throw new UsageError(`${command} has no option ${token.rawName}.`, {
        hint: meant === undefined ? helpOf(command) : `Did you mean --${meant}?`,
      });
    }
    const wrong = option.type === "string" ? whatIsWrong(token) : undefined;
    if (wrong !== undefined)
      throw new UsageError(`${token.rawName} needs a value${wrong}.`, { hint: helpOf(command) });
  }
}

function whatIsWrong({
  value,
  inlineValue,
}: {
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}): string | undefined {
  if (value === undefined) return "";
  if (value.trim() === "") return ", and it is empty";
  if (value.startsWith("-") && value !== "-" && inlineValue !== true)
    return `, and ${JSON.stringify(value)} looks like an option`;
  return undefined;
}

function helpOf(command: string): string {
  return `See: diagnose502 ${command} --help`;
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}
