import { makeSudoersLine } from "../../collect/sudoers-line.ts";
import { HELPER_PATH } from "../restart-words.ts";
import type { RootLook } from "./root-looks.ts";

/** Where distributions put programs; only root can put anything there. The last two are links to the first on most hosts, and give no more. */
const DIRECTORIES = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const FIXED_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The sudoers file of one login: each look word for word, and the helper, which checks its words itself. No patterns, no shell, no
 * environment. `user` is a plain login name.
 */
export function makeSudoers(
  user: string,
  { looks, helper }: { readonly looks: readonly RootLook[]; readonly helper: boolean },
): string {
  const commands = looks.flatMap(([program = "", ...args]) =>
    DIRECTORIES.map((directory) => [`${directory}/${program}`, ...args]),
  );
  const ofHelper = helper ? [`${user} ALL=(root) NOPASSWD:NOSETENV: ${HELPER_PATH}`] : [];
  const ofLooks = commands.map((argv) => makeSudoersLine(user, argv));
  const lines = [...ofHelper, ...ofLooks].map((line) => `${line}\n`);
  return `# Made by \`diagnose502 harden\`: what ${user} may do as root, word for word.
Defaults:${user} env_reset, !setenv, secure_path="${FIXED_PATH}"
${lines.join("")}`;
}
