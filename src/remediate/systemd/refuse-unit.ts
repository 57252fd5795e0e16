import type { UnitState } from "../../topology/target.ts";
import type { ReadOptions } from "../manager.ts";
import { whyNeverRestarted } from "../why-never-restarted.ts";
import type { UnitHistory } from "./read-starts.ts";
import type { TakenAlong } from "./taken-along.ts";

interface Refusal {
  readonly kind: "refused";
  readonly why: string;
  readonly hint: string;
}

/** Why the unit, as it is now, must not be restarted by us; undefined when nothing forbids it. */
export function refuseState(
  unit: UnitState,
  known: ReadOptions & { readonly asked: string; readonly shown: string; readonly history: UnitHistory },
): Refusal | undefined {
  const { asked, shown } = known;
  const called = unit.unit === asked ? asked : `${asked} is another name of ${unit.unit}, which`;
  const forbidden = whyAnyForbidden([unit.unit, ...unit.names, asked], known);
  if (forbidden !== undefined) {
    return refused(`${called} is ${forbidden}`, "Restart it by hand if it must be; this bot never does.");
  }
  switch (unit.loadState) {
    case "loaded":
      break;
    case "masked":
      return refused(`${asked} is masked: somebody locked it`, `To lift that: systemctl unmask ${asked}`);
    case "not-found":
      return refused(`there is no ${asked} on this host`, "Correct the site's service in the config.");
    default:
      return refused(
        `systemd cannot load ${asked} (${unit.loadState}): it would stop and not start again`,
        `See: systemctl status ${asked}`,
      );
  }
  const { activeState, subState } = unit;
  if (/^Job=[1-9]/m.test(shown) || ["activating", "deactivating", "reloading"].includes(activeState)) {
    return refused(
      `${asked} is ${activeState} (${subState}) already: something starts or stops it right now`,
      "Look again in a moment.",
    );
  }
  const properties = shown.split("\n");
  if (properties.includes("RefuseManualStart=yes") || properties.includes("RefuseManualStop=yes")) {
    return refused(`${asked} refuses to be started or stopped by hand`, "Its unit file says so.");
  }
  if (activeState === "inactive" && wasStoppedByPerson(unit, known.history)) {
    return refused(
      `${asked} was stopped on purpose${unit.inactiveEnteredAt === undefined ? "" : ` at ${unit.inactiveEnteredAt}`}`,
      `Ask who stopped it, then: systemctl start ${asked}`,
    );
  }
  return undefined;
}

/** Why one of those that would be stopped along forbids the restart. */
export function refuseCompany(
  service: string,
  along: readonly TakenAlong[],
  options: ReadOptions,
): Refusal | undefined {
  for (const { unit, names, path } of along) {
    const forbidden = whyAnyForbidden([unit, ...names], options);
    if (forbidden !== undefined) {
      return refused(
        `a restart of ${service} would also restart ${path.slice(1).join(", and with it ")}, which is ${forbidden}`,
        `Loosen the bond (Wants= instead of Requires=, Requisite=, BindsTo= or PartOf=), or restart ${service} by hand.`,
      );
    }
  }
  return undefined;
}

/** Of the first name that is forbidden. */
function whyAnyForbidden(names: readonly string[], options: ReadOptions): string | undefined {
  return names.flatMap((name) => whyForbidden(name, options) ?? [])[0];
}

function whyForbidden(name: string, { proxyUnits, neverRestart }: ReadOptions): string | undefined {
  if (proxyUnits.includes(name)) return "the site's own proxy";
  return whyNeverRestarted({ manager: "systemd", unit: name }, neverRestart);
}

/**
 * Down without a fault, and nothing shows that it ended by itself: a job stopped it, or the journal does not reach back so far. systemd
 * forgets units that are down, with their invocation: only the journal tells those from units that were never started.
 */
function wasStoppedByPerson({ invocationId, result }: UnitState, history: UnitHistory): boolean {
  if (result !== "" && result !== "success") return false;
  if (history.stoppedByJob || !history.complete) return true;
  return invocationId !== undefined && !history.starts.has(invocationId);
}

function refused(why: string, hint: string): Refusal {
  return { kind: "refused", why, hint };
}
