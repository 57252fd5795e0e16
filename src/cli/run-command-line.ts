import { nearestName } from "../config/nearest-name.ts";
import { UsageError } from "../intake/usage-error.ts";
import { COMMAND_NAMES, type CommandName, isCommandName } from "./command-table.ts";
import { EXIT } from "./exit-status.ts";
import type { Output } from "./output.ts";
import { renderCommandHelp, renderOverview } from "./render-help.ts";

/** What each command does with the words after its name; gives the exit status. */
export type Commands = Readonly<Record<CommandName, (args: readonly string[]) => Promise<number>>>;

/**
 * Runs what was typed and gives the exit status. Help and wrong usage answer without loading any command.
 * @throws {UsageError} for a command that does not exist.
 */
export async function runCommandLine(
  args: readonly string[],
  edges: {
    readonly commands: Commands;
    readonly stdout: Output;
    readonly stderr: Output;
    readonly version: () => Promise<string>;
  },
): Promise<number> {
  const [word, ...rest] = args;
  if (word === undefined) {
    edges.stderr.write(renderOverview());
    return EXIT.usage;
  }
  if (word === "--help" || word === "-h" || word === "help") {
    const [topic] = rest;
    edges.stdout.write(topic === undefined ? renderOverview() : renderCommandHelp(commandNamed(topic)));
    return EXIT.fine;
  }
  if (word === "--version") {
    edges.stdout.write(`${await edges.version()}\n`);
    return EXIT.fine;
  }
  const name = commandNamed(word);
  if (asksForHelp(rest)) {
    edges.stdout.write(renderCommandHelp(name));
    return EXIT.fine;
  }
  return await edges.commands[name](rest);
}

function commandNamed(word: string): CommandName {
  if (isCommandName(word)) return word;
  if (word.startsWith("-")) {
    throw new UsageError(`There is no option ${word} before a command.`, { hint: "See: diagnose502 --help" });
  }
  const meant = nearestName(word, COMMAND_NAMES);
  throw new UsageError(`There is no command "${word}".`, {
    hint:
      meant === undefined
        ? `Commands: ${COMMAND_NAMES.join(", ")}. To diagnose a site: diagnose502 diagnose ${word}`
        : `Did you mean: diagnose502 ${meant}?`,
  });
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end === -1 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}
