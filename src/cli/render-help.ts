import { wrapText } from "../report/wrap-text.ts";
import { COMMAND_NAMES, COMMANDS, type CommandDescription, type CommandName } from "./command-table.ts";

/** What the program is for and which commands it has. */
export function renderOverview(): string {
  return `diagnose502 names the broken hop behind a 502 Bad Gateway, quotes the proof,
and says whether a restart would help.

Usage: diagnose502 <command> [options]

Commands:
${columns(COMMAND_NAMES.map((name) => [name, COMMANDS[name].summary]))}

Options:
${columns([
  ["-h, --help", "this help; after a command, the help of that command"],
  ["--version", "the version"],
])}

Example:
  diagnose502 diagnose https://shop.example.com/ --proxy ops@edge-1 \\
    --upstream ops@origin-1
`;
}

/** Everything one command accepts. */
export function renderCommandHelp(name: CommandName): string {
  const { summary, synopsis, options, notes }: CommandDescription = COMMANDS[name];
  const rows = Object.entries(options).map(([option, { short, value, says }]) => {
    const flags = `${short === undefined ? "" : `-${short}, `}--${option}`;
    return [value === undefined ? flags : `${flags} ${value}`, says] as const;
  });
  return `diagnose502 ${name}: ${summary}

Usage:
${synopsis.map((line) => `  diagnose502 ${name} ${line}`).join("\n")}

Options:
${columns(rows)}

${notes.join("\n")}
`;
}

const WIDTH = 80;

/** Two columns; the right one is wrapped within its own. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.max(...rows.map(([text]) => text.length)) + 4;
  return rows
    .flatMap(([flags, says]) =>
      wrapText(says, WIDTH - left).map((line, n) => (n === 0 ? `  ${flags}` : "").padEnd(left) + line),
    )
    .join("\n");
}
