import type { Playbook } from "../../playbook/playbook.ts";

/** A look that needs root, as words; its program by bare name. */
export type RootLook = readonly string[];

/** What a group of the login gives needs no root. */
const BY_GROUP = new Set(["journalctl"]);
/** As root they could do anything, whatever they were told to do. */
const INTERPRETERS = new Set(["perl", "python3", "ruby", "node", "php", "sh", "bash", "dash", "awk"]);

/**
 * The looks that playbooks run as root, each exactly as it is run. Only those whose words are known beforehand: a number or a path that
 * a host's own state decides would need a pattern, and a pattern lets more through than is meant. Those looks go without root, or are
 * reported as not checked with the one line that would allow them.
 */
export function listRootLooks(playbooks: readonly Playbook[]): readonly RootLook[] {
  const probes = playbooks.flatMap((playbook) => Object.values(playbook.probes));
  const looks = probes.flatMap((probe) => {
    const isKnown = probe.each === "host" && probe.as !== "self";
    return isKnown ? wordsOf(probe.action) : [];
  });
  return [...new Map(looks.map((look) => [look.join("\0"), look])).values()];
}

function wordsOf(action: Playbook["probes"][string]["action"]): readonly RootLook[] {
  switch (action.kind) {
    case "run": {
      const [program = ""] = action.argv;
      const isSafe = action.stdin === undefined && !BY_GROUP.has(program) && !INTERPRETERS.has(program);
      return isSafe ? [action.argv] : [];
    }
    case "files":
      return action.globs.filter((glob) => !/[*?[]/.test(glob)).map((path) => ["cat", path]);
    case "log":
      return [];
  }
}
