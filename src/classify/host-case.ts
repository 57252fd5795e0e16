import type { Evidence } from "../collect/evidence.ts";
import type { CaseFile, HostCase } from "./case-file.ts";
import { readFilters } from "./read-filters.ts";
import { readBarredRoutes } from "./read-routes.ts";

/** Bytes or inodes: at this share a file system is full for everyone but root. */
const FULL_PERCENT = 99;

/** The facts of one machine that more than one rule asks for. */
export function makeHostCase(
  name: string,
  options: { readonly evidence: Evidence; readonly find: CaseFile["find"] },
): HostCase {
  const { evidence, find } = options;
  const results = evidence.results.filter(({ host }) => host === name);
  const output = (probe: string) => results.find((result) => result.probe === probe)?.output ?? "";
  const visit = evidence.visits.find(({ host }) => host === name);
  return {
    name,
    fullDisks: [...fullDisks(output("linux-host.disk")), ...fullDisks(output("linux-host.inodes"))].map(
      ({ mount, quote }) => ({
        mount,
        finding: find({ check: "disk", host: name, summary: `${mount} on ${name} is full.`, quote }),
      }),
    ),
    filters: readFilters(output("linux-host.firewall-nft"), { host: name, find }),
    barredRoutes: readBarredRoutes(output("linux-host.routes"), { host: name, find }),
    ...(visit?.status === "unreachable"
      ? { unreachable: visit.failure?.reason ?? `${name} could not be reached.` }
      : {}),
  };
}

/** POSIX `df -P` rows: the fifth column from the mount point is the share used. */
function fullDisks(text: string): readonly { readonly mount: string; readonly quote: string }[] {
  return text.split("\n").flatMap((line) => {
    const words = line.trim().split(/ +/);
    const at = words.findIndex((word) => /^\d{1,3}%$/.test(word));
    const mount = words[at + 1];
    if (at < 0 || mount === undefined || !mount.startsWith("/")) return [];
    if (/^\/(proc|sys|dev|snap|boot\/efi)\b/.test(mount)) return [];
    return Number.parseInt(words[at] ?? "", 10) >= FULL_PERCENT ? [{ mount, quote: line.trim() }] : [];
  });
}
