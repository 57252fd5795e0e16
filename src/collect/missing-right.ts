import type { Look } from "../plan/plan.ts";

const PROGRAM_DIRECTORIES = [
  "/usr/local/sbin/",
  "/usr/local/bin/",
  "/usr/sbin/",
  "/usr/bin/",
  "/sbin/",
  "/bin/",
  "/opt/",
];

/** Groups that give far more than one file: never proposed. */
const POWERFUL_GROUPS = new Set(["root", "shadow", "sudo", "wheel", "disk", "kmem", "docker", "lxd"]);

/** A program's path as the host gave it, if it can be believed; it will be shown to people as something to allow. */
function programPath(given: string | undefined, name: string): string {
  const base = name.slice(name.lastIndexOf("/") + 1);
  const plausible =
    given !== undefined &&
    /^\/[A-Za-z0-9_./+-]{1,200}$/.test(given) &&
    !given.includes("..") &&
    given.endsWith(`/${base}`) &&
    PROGRAM_DIRECTORIES.some((directory) => given.startsWith(directory));
  return plausible ? given : name.startsWith("/") ? name : `/usr/bin/${base}`;
}

/** The line that lets `user` run exactly this as root. Source: sudoers(5), "Other special characters". */
function sudoersLine(user: string, argv: readonly string[]): string {
  const command = argv.map((word) => word.replace(/[\\,:=* ?[\]!"]/g, "\\$&")).join(" ");
  return `${user} ALL=(root) NOPASSWD:NOSETENV: ${command}`;
}

/** A path the host names, only if one of the look's own patterns could have led to it. */
function believablePath(given: string, look: Look): string | undefined {
  if (/[^\x20-\x7e]/.test(given)) return undefined;
  const { action } = look;
  switch (action.kind) {
    case "run":
      return undefined;
    case "log":
      return given === action.path ? given : undefined;
    case "files":
      return action.globs.some((glob) => given.startsWith(glob.split(/[*?[]/, 1)[0] ?? glob))
        ? given
        : undefined;
  }
}

/**
 * The exact right a refused look needs. `state` is what the script said: `denied <program> [<mode> <group> <file>]`,
 * the program `-` where sudo was not to be tried.
 */
export function missingRight(look: Look, state: string, user = "<user>"): string {
  const [, program = "-", mode = "", group = "", ...path] = state.split(" ");
  const { action } = look;
  if (action.kind === "run") {
    const [name = "", ...rest] = action.argv;
    return sudoersLine(user, [programPath(program, name), ...rest]);
  }
  const file =
    believablePath(path.join(" "), look) ?? (action.kind === "log" ? action.path : action.globs[0]) ?? "";
  const tool =
    action.kind === "log"
      ? [programPath(program, "tail"), "-c", String(Math.floor(look.maxBytes)), file]
      : [programPath(program, "cat"), file];
  const readableByGroup =
    mode[4] === "r" && !POWERFUL_GROUPS.has(group) && /^[a-z_][a-z0-9_-]{0,31}$/.test(group);
  const membership = readableByGroup
    ? `group ${group} for ${user} (usermod -aG ${group} ${user})`
    : undefined;
  const line = look.as === "self" ? undefined : sudoersLine(user, tool);
  const needs = [membership, line].filter((need) => need !== undefined);
  return needs.length > 0 ? needs.join(", or in sudoers: ") : `read access to ${file} for ${user}`;
}
