import { isSafeAsRoot } from "../../collect/safe-as-root.ts";
import type { Playbook } from "../../playbook/playbook.ts";

/** A look that needs root, as words; its program by bare name. */
export type RootLook = readonly string[];

/** What a group of the login gives needs no root. */
const BY_GROUP = new Set(["journalctl"]);

/**
 * The looks that playbooks run as root, each exactly as it is run. Only those whose words are known beforehand: a number or a path that
 * a host's own state decides would need a pattern, and a pattern lets more through than is meant. Those looks go without root, or are
 * reported as not checked with the one line that would allow them; so do those whose words give root away, or print what a service may have
 * put in the place of its file.
 */
export function listRootLooks(playbooks: readonly Playbook[]): readonly RootLook[] {
  const probes = playbooks.flatMap((playbook) => Object.values(playbook.probes));
  const looks = probes.flatMap((probe) => {
    const isKnown = probe.each === "host" && probe.as !== "self";
    return isKnown ? wordsOf(probe.action).filter(isSafeAsRoot) : [];
  });
  return [...new Map(looks.map((look) => [look.join("\0"), look])).values()];
}

function wordsOf(action: Playbook["probes"][string]["action"]): readonly RootLook[] {
  switch (action.kind) {
    case "run": {
      const [program = ""] = action.argv;
      return action.stdin === undefined && !BY_GROUP.has(program) ? [action.argv] : [];
    }
    case "files":
      return action.globs.filter((glob) => !/[*?[]/.test(glob)).map((path) => ["cat", path]);
    case "log":
      return [];
  }
}
