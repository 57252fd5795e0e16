import type { CaseFile, HopCase } from "./case-file.ts";
import { isGatewayStatus } from "./client-view.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** When it began and how much of the traffic it hits, by the outermost proxy's access log; and what changed last before that. */
export function makeOnset(file: CaseFile, startedAt: string): Diagnosis["onset"] {
  const hop = file.hops[0];
  const change = lastChange(file, startedAt);
  return {
    ...(hop === undefined ? {} : fromAccessLog(hop)),
    ...(change === undefined ? {} : { lastChange: change }),
  };
}

function fromAccessLog(hop: HopCase): Diagnosis["onset"] {
  const { entries, mixed } = hop.access;
  const runStart = startOfRun(entries.map(({ status }) => isGatewayStatus(status)));
  const first = entries[runStart];
  if (first === undefined) return {};
  const since = entries.slice(runStart);
  const perMinute = new Map<string, { errors: number; requests: number }>();
  for (const { at, status } of since) {
    const minute = `${at.slice(0, 16)}:00.000Z`;
    const bucket = perMinute.get(minute) ?? { errors: 0, requests: 0 };
    bucket.requests += 1;
    if (isGatewayStatus(status)) bucket.errors += 1;
    perMinute.set(minute, bucket);
  }
  const errors = since.filter(({ status }) => isGatewayStatus(status)).length;
  return {
    first502At: first.at,
    // a log shared with other sites says when, but not which share of this site's requests
    ...(mixed ? {} : { share: round(errors / since.length) }),
    perMinute: [...perMinute].slice(-60).map(([at, bucket]) => ({ at, ...bucket })),
  };
}

/** Twenty good answers in a row end an incident; the run that lasts until now begins after the last such stretch. */
const HEALTHY_STRETCH = 20;

function startOfRun(isError: readonly boolean[]): number {
  let start = -1;
  let good = 0;
  for (const [index, error] of isError.entries()) {
    if (!error) {
      good += 1;
      if (good >= HEALTHY_STRETCH) start = -1;
      continue;
    }
    if (start < 0) start = index;
    good = 0;
  }
  return start;
}

const CHANGES: Readonly<Record<string, string>> = {
  "unit-started": "started",
  "unit-stopped": "stopped",
  "package-changed": "package changed",
  "kernel-oom-killed": "killed for memory",
};

/** The newest change on any host of the site: a start, a stop, a package, a reboot, a kill. */
function lastChange(
  file: CaseFile,
  startedAt: string,
): { readonly what: string; readonly at: string } | undefined {
  const units = new Set(
    file.hops.flatMap(({ proxy, members }) => [
      ...(proxy.owner?.unit === undefined ? [] : [proxy.owner.unit.unit]),
      ...members.flatMap(({ hop }) => hop.owner?.unit?.unit ?? []),
    ]),
  );
  const fromLines = file.hostLines.flatMap((hit) => {
    const verb = CHANGES[hit.signal];
    if (verb === undefined || hit.at === undefined) return [];
    if (hit.unit !== undefined && !units.has(hit.unit)) return [];
    const what = hit.unit ?? hit.holes.package ?? hit.holes.comm ?? "";
    return [{ what: `${what} ${verb} on ${hit.host}`.trim(), at: hit.at }];
  });
  const fromUnits = file.hops.flatMap(({ members }) =>
    members.flatMap(({ hop }) => {
      const unit = hop.owner?.unit;
      if (unit === undefined) return [];
      const at = unit.activeState === "active" ? unit.activeEnteredAt : unit.inactiveEnteredAt;
      const what = `${unit.unit} ${unit.activeState === "active" ? "started" : "ended"} on ${hop.host}`;
      return at === undefined ? [] : [{ what, at }];
    }),
  );
  return [...fromLines, ...fromUnits]
    .filter(({ at }) => at <= startedAt)
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .at(-1);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
