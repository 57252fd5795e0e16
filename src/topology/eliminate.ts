import { type HostService, makeOwner } from "./host-services.ts";
import type { Owner } from "./target.ts";

/**
 * The one service that can be meant when nothing names an address. Only services that say nowhere where they listen
 * come into question, and only a single one in the most suspicious group: two equally likely ones are none.
 */
export function eliminate(
  services: readonly HostService[],
  { isRunning }: { readonly isRunning: boolean },
): Owner | undefined {
  const silent = services.filter(({ addresses, listens }) => addresses.length === 0 && listens.length === 0);
  const groups = isRunning ? [runs] : [broke, wasStopped, neverStarted, wasStoppedAndDisabled];
  for (const belongs of groups) {
    const [only, ...others] = silent.filter(belongs);
    if (only === undefined) continue;
    return others.length === 0 ? makeOwner(only, { by: "elimination" }) : undefined;
  }
  return undefined;
}

function runs({ unit }: HostService): boolean {
  return unit?.activeState === "active";
}

function broke({ unit }: HostService): boolean {
  return unit?.activeState === "failed" || unit?.subState.startsWith("auto-restart") === true;
}

function wasStopped(service: HostService): boolean {
  return neverStarted(service) && service.unit?.inactiveEnteredAt !== undefined;
}

function neverStarted({ unit }: HostService): boolean {
  return unit?.activeState === "inactive" && unit.unitFileState.startsWith("enabled");
}

function wasStoppedAndDisabled({ unit }: HostService): boolean {
  return unit?.activeState === "inactive" && unit.inactiveEnteredAt !== undefined;
}
