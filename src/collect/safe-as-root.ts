import { programOf } from "../playbook/program-of.ts";

/** As root they could do anything, whatever they were told to do. */
const INTERPRETERS = new Set(["perl", "python3", "ruby", "node", "php", "sh", "bash", "dash", "awk"]);
/** They print what they are led to. */
const PRINTERS = new Set(["cat", "head", "tail"]);
/** What lies here is root's alone. Elsewhere a service may put a link in the place of its file, to one that only root reads. */
const ROOTS_OWN = ["/etc/", "/usr/local/etc/"];

/** Whether these words start an interpreter, be it behind `env`. */
export function isInterpreter(argv: readonly string[]): boolean {
  return INTERPRETERS.has(programOf(argv));
}

/** Whether a login that may run these words as root, the program by bare name, can do no more by it than was meant. */
export function isSafeAsRoot(argv: readonly string[]): boolean {
  const words = argv.slice(1);
  if (isInterpreter(argv)) return false;
  return (
    !PRINTERS.has(programOf(argv)) ||
    words.every((word) => !word.startsWith("/") || ROOTS_OWN.some((directory) => word.startsWith(directory)))
  );
}
