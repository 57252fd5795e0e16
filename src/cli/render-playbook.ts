import type { Playbook, Probe } from "../playbook/playbook.ts";

const ROLES = [
  { role: "edge", title: "Edges" },
  { role: "proxy", title: "Proxies" },
  { role: "upstream", title: "Applications" },
  { role: "dependency", title: "Databases and caches" },
  { role: "host", title: "Hosts" },
] as const satisfies readonly { role: Playbook["role"]; title: string }[];

/** The systems we support, by what they are in the chain of a request. */
export function renderPlaybookTable(playbooks: readonly Playbook[]): string {
  const width = Math.max(...playbooks.map(({ id }) => id.length));
  const sections = ROLES.map(({ role, title }) => {
    const rows = playbooks
      .filter((playbook) => playbook.role === role)
      .map(({ id, title, probes, signatures }) => {
        const counts = `${count(Object.keys(probes).length, "look")}, ${count(signatures.length, "message")}`;
        return `  ${id.padEnd(width)}  ${title.padEnd(24)}  ${counts}\n`;
      });
    return rows.length === 0 ? "" : `${title}\n${rows.join("")}`;
  });
  return sections.filter((section) => section !== "").join("\n");
}

/** What one playbook looks at, recognises and may change: what a careful operator reads before letting it near a host. */
export function renderPlaybook(playbook: Playbook): string {
  const { id, title, role, probes, signatures, remediations } = playbook;
  const looks = Object.entries(probes).map(
    ([name, probe]) => `  ${name} (${whereAndWhen(probe)}): ${probe.title}\n      ${describeAction(probe)}\n`,
  );
  const messages = signatures.map(
    ({ id, signal, message }) => `  ${id.padEnd(6)} ${signal.padEnd(28)} ${message}\n`,
  );
  const changes = Object.values(remediations).map(({ title, argv }) => `  ${title}: ${argv.join(" ")}\n`);
  return [
    `${id}: ${title} (${role})\n`,
    section("Looks, all of them read-only", looks),
    section("Messages it recognises", messages),
    section("Changes it may propose, each only after a person approves", changes),
  ].join("");
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `\n${title}\n${lines.join("")}`;
}

function whereAndWhen({ round, on, each, as }: Probe): string {
  const where = on === "any" ? "every host" : `${on} hosts`;
  const what = each === "host" ? where : `each ${each}, ${where}`;
  const rights = { self: "", root: ", as root", "prefer-root": ", as root if permitted" }[as];
  return `round ${round}, ${what}${rights}`;
}

function describeAction({ action }: Probe): string {
  switch (action.kind) {
    case "run":
      return `runs: ${action.argv.map(showWord).join(" ")}`;
    case "files":
      return `reads: ${action.globs.join(" ")}${action.only ? ` (only lines with ${action.only.join(" | ")})` : ""}`;
    case "log":
      return `reads the end of: ${action.path}`;
  }
}

/** For reading, not for a shell: quotes show where a word with blanks begins and ends. */
function showWord(word: string): string {
  return /^[\w@%+=:,./{}*-]+$/.test(word) ? word : `'${word}'`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
