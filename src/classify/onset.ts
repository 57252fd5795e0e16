import type { CaseFile, HopCase } from "./case-file.ts";
import { isGatewayStatus } from "./client-view.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { lastChange } from "./last-change.ts";

/** When it began and how much of the traffic it hits, by the outermost proxy's access log; and what changed last before that. */
export function makeOnset(file: CaseFile, startedAt: string): Diagnosis["onset"] {
  const hop = file.hops[0];
  const since = hop === undefined ? {} : fromAccessLog(hop);
  const change = lastChange(file, { startedAt, ...since });
  return {
    ...since,
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

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
