import type { CaseFile } from "./case-file.ts";

/** Something that was changed on a host of the site. Time: ISO-8601 UTC by our clock. */
export interface Change {
  readonly what: string;
  readonly at: string;
}

const VERBS: Readonly<Record<string, string>> = {
  "unit-started": "started",
  "unit-stopped": "stopped",
  "package-changed": "package changed",
  "kernel-oom-killed": "killed for memory",
};
/** A change and the failure it causes may be logged in either order within this time. */
const SLACK_MS = 5000;

/**
 * The newest change before the first error, or before now where the first error is not known: a start or stop of a service of
 * this site, a package, a kill for memory, a configuration or certificate file, a reboot.
 */
export function lastChange(
  file: CaseFile,
  { startedAt, first502At }: { readonly startedAt: string; readonly first502At?: string },
): Change | undefined {
  const before = Date.parse(first502At ?? startedAt) + SLACK_MS;
  const all = [...fromLines(file), ...file.changes]
    .filter(({ at }) => at <= startedAt)
    .toSorted((a, b) => a.at.localeCompare(b.at));
  return all.findLast(({ at }) => Date.parse(at) <= before) ?? all.at(-1);
}

/** What kernel, service manager and package manager logged; of services only those of this site. */
function fromLines(file: CaseFile): readonly Change[] {
  const units = new Set(
    file.hops.flatMap(({ proxy, members }) => [
      ...(proxy.owner?.unit === undefined ? [] : [proxy.owner.unit.unit]),
      ...members.flatMap(({ hop }) => hop.owner?.unit?.unit ?? []),
    ]),
  );
  return file.hostLines.flatMap((hit) => {
    const verb = VERBS[hit.signal];
    if (verb === undefined || hit.at === undefined) return [];
    if (hit.unit !== undefined && !units.has(hit.unit)) return [];
    const what = hit.unit ?? hit.holes.package ?? hit.holes.comm ?? "";
    return [{ what: `${what} ${verb} on ${hit.host}`.trim(), at: hit.at }];
  });
}
