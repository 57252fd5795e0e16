import type { UnitState } from "../../topology/target.ts";

/** A unit that a restart would stop or restart too. */
export interface TakenAlong {
  readonly unit: string;
  /** All that it is called. */
  readonly names: readonly string[];
  /** The chain of declarations that leads there, from the service on to this unit. */
  readonly path: readonly string[];
}

/**
 * What `systemctl restart` of a unit takes along: whoever `Requires=`, `Requisite=`, `BindsTo=` or is `PartOf=` it, or gets its stop propagated, and
 * theirs in turn. Units that are down stay down. Source: systemd core/transaction.c, UNIT_ATOM_PROPAGATE_STOP.
 */
export function findTakenAlong(service: UnitState, units: readonly UnitState[]): readonly TakenAlong[] {
  const byName = new Map(units.flatMap((unit) => unit.names.map((name) => [name, unit] as const)));
  const seen = new Set([service.unit]);
  const found: TakenAlong[] = [];
  const queue = [{ boundBy: service.boundBy, path: [service.unit] }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const name of next.boundBy) {
      const { unit, names, activeState, boundBy } = byName.get(name) ?? unlisted(name);
      if (seen.has(unit) || activeState === "inactive" || activeState === "failed") continue;
      seen.add(unit);
      const path = [...next.path, unit];
      found.push({ unit, names, path });
      queue.push({ boundBy, path });
    }
  }
  return found;
}

/** Named by another unit, and not in the list: nothing is known about it, so it counts as running. */
function unlisted(unit: string): Pick<UnitState, "unit" | "names" | "activeState" | "boundBy"> {
  return { unit, names: [unit], activeState: "", boundBy: [] };
}
