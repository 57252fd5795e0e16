/**
 * Programs a playbook from outside may run, each with the words it may be given. What is not listed is refused: no
 * interpreters, nothing that writes, nothing that talks to the network on its own. Sources: ss(8), systemctl(1),
 * journalctl(1), ps(1), df(1), getent(1), ip(8), stat(1), ls(1), namei(1), free(1), uname(1), sysctl(8), pg_isready(1).
 */
interface ProgramRule {
  /** Letters that may stand behind one dash, alone or together. Left out on purpose: `ss -K` closes sockets, `ss -D` writes a file. */
  readonly letters?: string;
  readonly options?: readonly string[];
  /** Options with a value: as the next word, or behind `=`. */
  readonly valued?: readonly string[];
  /** What the first operand must be, where it chooses what the program does. */
  readonly verbs?: readonly string[];
  /** What every (other) operand looks like; `path` = a path that may be read. */
  readonly operand?: RegExp | "path";
}

const VALUE = /^[\w@%+:,./ *=-]{0,400}$/;
const UNIT = /^(\{unit\}|[\w@.:*-]+)$/;

const PROGRAMS: Readonly<Record<string, ProgramRule>> = {
  ss: { letters: "Htulnpxaeiom46s", operand: /^(\{port\}|[a-z0-9:=.{}() -]+)$/ },
  systemctl: {
    letters: "al",
    options: ["--no-pager", "--all", "--full", "--plain", "--no-legend"],
    valued: ["-p", "--property", "-t", "--type", "--state", "--timestamp", "-o", "--output"],
    verbs: ["show", "is-active", "is-failed", "is-enabled", "list-units", "list-unit-files", "list-sockets"],
    operand: UNIT,
  },
  journalctl: {
    letters: "kbqar",
    options: ["--no-pager", "--no-hostname", "--utc", "--quiet"],
    valued: ["-u", "--unit", "-o", "--output", "-n", "--lines", "--since", "--until", "-p", "-t"],
    operand: /^[A-Z_]+=[\w.@-]+$/,
  },
  ps: { letters: "eAww", options: ["--no-headers"], valued: ["-o", "-C", "-p", "--sort"] },
  df: { letters: "PTikhl", options: ["-B1"], operand: "path" },
  getent: { verbs: ["ahosts", "hosts", "services"], operand: /^(\{name\}|[\w.-]+)$/ },
  ip: {
    letters: "j46s",
    verbs: ["addr", "route", "neigh", "link", "rule"],
    operand: /^(show|list|get|to|dev|\{ip\}|[0-9a-f.:/]+)$/,
  },
  stat: { letters: "Lf", valued: ["-c", "--format"], operand: "path" },
  ls: { letters: "ladn1LiZ", operand: "path" },
  namei: { letters: "lmox", operand: "path" },
  free: { letters: "bkmw" },
  uname: { letters: "asrvm" },
  uptime: { letters: "ps" },
  sysctl: { letters: "ne", operand: /^[a-z0-9_.]+$/ },
  pg_isready: { letters: "q", valued: ["-t", "-h", "-p"] },
};

/** Why a command may not be run, or undefined when it may. `isReadable` judges operands that are paths. */
export function refuseCommand(
  argv: readonly string[],
  isReadable: (path: string) => boolean,
): { readonly index: number; readonly why: string } | undefined {
  const [program = "", ...words] = argv;
  const rule = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
  if (!rule) {
    const why = `"${program}" may not be run by a playbook from outside. Allowed: ${Object.keys(PROGRAMS).join(", ")}`;
    return { index: 0, why };
  }
  let verbPending = rule.verbs !== undefined;
  let option: string | undefined;
  for (const [position, word] of words.entries()) {
    const index = position + 1;
    if (option !== undefined) {
      if (!VALUE.test(word)) return { index, why: `"${word}" may not be a value of ${program} ${option}` };
      option = undefined;
    } else if (rule.valued?.includes(word)) {
      option = word;
    } else if (word.startsWith("-") && word !== "--") {
      if (!isOption(word, rule))
        return { index, why: `${program} may not be given ${word}${allowedOptions(rule)}` };
    } else if (word !== "--") {
      const fits = verbPending ? rule.verbs?.includes(word) : isOperand(word, rule, isReadable);
      if (!fits)
        return { index, why: `${program} may not be given "${word}"${verbPending ? verbsOf(rule) : ""}` };
      verbPending = false;
    }
  }
  return undefined;
}

function isOption(word: string, { letters = "", options = [], valued = [] }: ProgramRule): boolean {
  if (options.includes(word)) return true;
  const equals = word.indexOf("=");
  if (equals > 0) return valued.includes(word.slice(0, equals)) && VALUE.test(word.slice(equals + 1));
  return (
    !word.startsWith("--") &&
    word.length > 1 &&
    [...word.slice(1)].every((letter) => letters.includes(letter))
  );
}

function isOperand(word: string, { operand }: ProgramRule, isReadable: (path: string) => boolean): boolean {
  if (operand === undefined) return false;
  return operand === "path" ? isReadable(word) : operand.test(word);
}

function allowedOptions({ letters = "", options = [], valued = [] }: ProgramRule): string {
  const all = [...[...new Set(letters)].map((letter) => `-${letter}`), ...options, ...valued];
  return `; allowed: ${all.join(" ")}`;
}

function verbsOf({ verbs = [] }: ProgramRule): string {
  return `; the first operand must be one of ${verbs.join(", ")}`;
}
