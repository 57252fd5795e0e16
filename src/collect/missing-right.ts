import type { Look } from "../plan/plan.ts";
import { programOf } from "../playbook/program-of.ts";
import { isInterpreter, isSafeAsRoot } from "./safe-as-root.ts";
import { makeSudoersLine } from "./sudoers-line.ts";

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

/** A path the host names, only if it is a word of the look, or one of its own patterns could have led to it. */
function believablePath(given: string, look: Look): string | undefined {
  if (/[^\x20-\x7e]/.test(given) || given.split("/").includes("..")) return undefined;
  const { action } = look;
  switch (action.kind) {
    case "run":
      return action.argv.includes(given) ? given : undefined;
    case "log":
      return given === action.path ? given : undefined;
    case "files":
      return action.globs.some((glob) => given.startsWith(glob.split(/[*?[]/, 1)[0] ?? glob))
        ? given
        : undefined;
  }
}

/** Of a file the group must be able to read, to connect to a socket it must be able to write. Source: unix(7). */
function isOpenToGroup(mode: string, group: string): boolean {
  const isOpen = mode.startsWith("s") ? mode[5] === "w" : mode[4] === "r";
  return isOpen && !POWERFUL_GROUPS.has(group) && /^[a-z_][a-z0-9_-]{0,31}$/.test(group);
}

/** What would be run as root; its program by bare name. */
function commandOf({ action, maxBytes }: Look, path: string | undefined): readonly string[] {
  switch (action.kind) {
    case "run":
      return action.argv;
    case "log":
      return ["tail", "-c", String(Math.floor(maxBytes)), path ?? action.path];
    case "files":
      return ["cat", path ?? action.globs[0] ?? ""];
  }
}

/**
 * The exact right a refused look needs. `state` is what the script said: `denied <program> [<mode> <group> <file>]`,
 * the program `-` where sudo was not to be tried, the file a socket where it is that which refused.
 */
export function missingRight(look: Look, state: string, user = "<user>"): string {
  const [, program = "-", mode = "", group = "", ...rest] = state.split(" ");
  const path = believablePath(rest.join(" "), look);
  const [name = "", ...words] = commandOf(look, path);
  // whose log it is differs from site to site: whether root may be led there is for people to say
  const isSafe = look.action.kind === "log" || isSafeAsRoot([name, ...words]);
  const line =
    look.as !== "self" && isSafe ? makeSudoersLine(user, [programPath(program, name), ...words]) : undefined;
  const membership =
    path !== undefined && isOpenToGroup(mode, group)
      ? `group ${group} for ${user} (usermod -aG ${group} ${user})`
      : undefined;
  const needs = [membership, line].filter((need) => need !== undefined);
  if (needs.length > 0) return needs.join(", or in sudoers: ");
  const paths = words.filter((word) => word.startsWith("/")).join(" or ");
  return isInterpreter([name, ...words])
    ? `a group for ${user} that may ${paths === "" ? "do so" : `use ${paths}`}, because ${programOf([name, ...words])} is never run as root`
    : `read access to ${paths} for ${user}`;
}
