import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { nearestName } from "../config/nearest-name.ts";
import { UsageError } from "../intake/usage-error.ts";
import { listPlaybookFiles, loadPlaybooks, readPlaybookFile } from "../playbook/load-playbooks.ts";
import { compileSignatures } from "../playbook/match-signatures.ts";
import { parsePlaybook } from "../playbook/parse-playbook.ts";
import type { Playbook } from "../playbook/playbook.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";
import { journalGrammar, plainGrammar, splitJournalLine } from "../topology/log-grammars.ts";
import { parserOf } from "../topology/parsers.ts";
import { EXIT } from "./exit-status.ts";
import type { Output } from "./output.ts";
import { renderPlaybook, renderPlaybookTable } from "./render-playbook.ts";

interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Directory of the playbooks that are part of the product. */
  readonly playbookDir: string;
}

const COMMANDS = { check, list, show, test };

/**
 * `playbook check [FILE …] | list | show ID | test FILE LOG`. Gives the exit status.
 * @throws {UsageError} for other words. @throws {ConfigError} for a playbook that is wrong, outside of `check`.
 */
export async function runPlaybookCommand(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const [word = "", ...rest] = args;
  if (!isCommand(word)) {
    const meant = nearestName(word, Object.keys(COMMANDS));
    throw new UsageError(word === "" ? "playbook needs a command." : `playbook has no command "${word}".`, {
      hint: meant === undefined ? "Commands: check, list, show ID, test FILE LOG" : `Did you mean: ${meant}?`,
    });
  }
  return await COMMANDS[word](rest, surroundings);
}

/** Reads each file and says all that is wrong with it. A file outside of the product is held to the rules for strangers'. */
async function check(args: readonly string[], { stdout, stderr, playbookDir }: Surroundings) {
  const files = args.length > 0 ? args : await listPlaybookFiles(playbookDir);
  let wrong = 0;
  for (const file of files) {
    try {
      await parseFile(file, playbookDir);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      wrong++;
      stderr.write(`${error.message}\n`);
    }
  }
  stdout.write(`${files.length - wrong} of ${files.length} playbooks are correct.\n`);
  return wrong > 0 ? EXIT.config : EXIT.fine;
}

async function list(args: readonly string[], { stdout, playbookDir }: Surroundings) {
  expectWords("list", args, []);
  stdout.write(renderPlaybookTable(await loadShipped(playbookDir)));
  return EXIT.fine;
}

async function show(args: readonly string[], { stdout, playbookDir }: Surroundings) {
  const [id = ""] = expectWords("show", args, ["ID"]);
  const playbooks = await loadShipped(playbookDir);
  const playbook = playbooks.find((candidate) => candidate.id === id);
  if (!playbook) {
    const ids = playbooks.map((candidate) => candidate.id);
    const meant = nearestName(id, ids);
    throw new UsageError(`There is no playbook "${id}".`, {
      hint: meant === undefined ? `Playbooks: ${ids.join(", ")}` : `Did you mean ${meant}?`,
    });
  }
  stdout.write(renderPlaybook(playbook));
  return EXIT.fine;
}

/** Shows which lines of a log a playbook recognises, and as what: 0 when there is any, else 2. */
async function test(args: readonly string[], { stdout, playbookDir }: Surroundings) {
  const [file = "", log = ""] = expectWords("test", args, ["FILE", "LOG"]);
  const playbook = await parseFile(file, playbookDir);
  const text = await readLog(log);
  const found = compileSignatures(playbook.signatures).scan(text, grammarFor(playbook, text), {
    keepLast: Number.MAX_SAFE_INTEGER,
  });
  const lines = found
    .flatMap(({ signature, hits }) => hits.map((hit) => ({ signature, ...hit })))
    .sort((a, b) => a.offset - b.offset);
  for (const { signature, line } of lines) {
    const what = `${signature.id.padEnd(6)} ${signature.signal.padEnd(28)} `;
    stdout.write(`${what}${escapeForTerminal(line, { unicode: stdout.terminal.unicode })}\n`);
  }
  const total = text.split("\n").filter((line) => line !== "").length;
  stdout.write(`${lines.length} of ${total} lines recognised.\n`);
  return lines.length > 0 ? EXIT.fine : EXIT.inconclusive;
}

function grammarFor(playbook: Playbook, text: string) {
  const [firstLine = ""] = text.split("\n", 1);
  if (splitJournalLine(firstLine)) return journalGrammar;
  return parserOf(playbook)?.errorLog ?? plainGrammar;
}

async function parseFile(file: string, playbookDir: string): Promise<Playbook> {
  const origin = dirname(resolve(file)) === resolve(playbookDir) ? "shipped" : "outside";
  return parsePlaybook(await readPlaybookFile(file), { file, origin });
}

async function loadShipped(playbookDir: string): Promise<readonly Playbook[]> {
  return await loadPlaybooks([{ path: playbookDir, origin: "shipped" }]);
}

async function readLog(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file} cannot be read: ${reason}`, { hint: "Name a text log.", cause });
  }
}

function expectWords(command: string, args: readonly string[], names: readonly string[]): readonly string[] {
  if (args.length === names.length) return args;
  throw new UsageError(
    `playbook ${command} takes ${names.length === 0 ? "nothing more" : names.join(" ")}.`,
    {
      hint: `Type: diagnose502 playbook ${[command, ...names].join(" ")}`,
    },
  );
}

function isCommand(word: string): word is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, word);
}
