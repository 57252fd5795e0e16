import type { UnitState } from "../../topology/target.ts";

/** A unit that a restart would stop or restart too, and the chain of declarations that leads there, from the service on. */
export interface TakenAlong {
  readonly unit: UnitState;
  readonly path: readonly string[];
}

/**
 * What `systemctl restart` of a unit takes along: whoever `Requires=`, `BindsTo=` or is `PartOf=` it, or gets its stop propagated, and
 * theirs in turn. Units that are down stay down. Source: systemd core/transaction.c, UNIT_ATOM_PROPAGATE_STOP.
 */
export function findTakenAlong(service: UnitState, units: readonly UnitState[]): readonly TakenAlong[] {
  const byName = new Map(units.flatMap((unit) => unit.names.map((name) => [name, unit] as const)));
  const seen = new Set([service.unit]);
  const found: TakenAlong[] = [];
  const queue: TakenAlong[] = [{ unit: service, path: [service.unit] }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const name of next.unit.boundBy) {
      const unit = byName.get(name) ?? unknownUnit(name);
      if (seen.has(unit.unit) || unit.activeState === "inactive" || unit.activeState === "failed") continue;
      seen.add(unit.unit);
      const along = { unit, path: [...next.path, unit.unit] };
      found.push(along);
      queue.push(along);
    }
  }
  return found;
}

/** Named by another unit, and not in the list: nothing is known about it, so it counts as running. */
function unknownUnit(unit: string): UnitState {
  return {
    unit,
    names: [unit],
    loadState: "",
    unitFileState: "",
    activeState: "",
    subState: "",
    result: "",
    execMainCode: 0,
    execMainStatus: 0,
    mainPid: 0,
    restarts: 0,
    execStart: "",
    boundBy: [],
  };
}
