import type { Evidence } from "../collect/evidence.ts";
import type { HopCase } from "./case-file.ts";
import type { Change } from "./last-change.ts";
import { shift } from "./read-access.ts";
import { clockOf } from "./read-logs.ts";

/** Editors and package managers leave these beside the file that counts. */
const LEFTOVERS = /(?:~|\.sw[a-z]|\.dpkg-[a-z]+|\.rpm[a-z]+)$/;

/** Files of configuration, units and certificates by their time of change, and reboots within a day. */
export function readChanges(evidence: Evidence): readonly Change[] {
  return evidence.results.flatMap(({ probe, host, round, output, outcome }): readonly Change[] => {
    const visit = evidence.visits.find((known) => known.host === host);
    const { skewMs, startedAtMs } = clockOf(visit, evidence);
    if (probe === "host.facts" && round === 1) {
      const uptime = Number.parseFloat(/^uptime=([0-9.]+)/m.exec(output)?.[1] ?? "");
      return uptime < DAY_SECONDS ? [{ what: `${host} booted`, at: isoOf(startedAtMs - uptime * 1000) }] : [];
    }
    if (!probe.endsWith(".recent-changes") || outcome.kind !== "exited") return [];
    return output.split("\n").flatMap((line) => {
      const [, seconds, path] = /^(\d{1,12}(?:\.\d{1,12})?) (\/.{1,400})$/.exec(line) ?? [];
      if (seconds === undefined || path === undefined || LEFTOVERS.test(path)) return [];
      return [{ what: `${path} changed on ${host}`, at: isoOf(Number(seconds) * 1000 - skewMs) }];
    });
  });
}

/** When each service behind a proxy last started or ended. */
export function readUnitChanges(hops: readonly HopCase[], evidence: Evidence): readonly Change[] {
  return hops.flatMap(({ members }) =>
    members.flatMap(({ hop: { host, owner } }): readonly Change[] => {
      const unit = owner?.unit;
      const isActive = unit?.activeState === "active";
      const at = isActive ? unit.activeEnteredAt : unit?.inactiveEnteredAt;
      if (unit === undefined || at === undefined) return [];
      const visit = evidence.visits.find((known) => known.host === host);
      const what = `${unit.unit} ${isActive ? "started" : "ended"} on ${host}`;
      return [{ what, at: shift(at, clockOf(visit, evidence).skewMs) }];
    }),
  );
}

const DAY_SECONDS = 86_400;

function isoOf(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}
