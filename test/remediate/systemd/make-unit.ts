import assert from "node:assert/strict";
import { parseUnits } from "../../../src/topology/parse-units.ts";
import type { UnitState } from "../../../src/topology/target.ts";
import { unitBlock } from "../../topology/site.ts";

/** A unit as systemd shows it: it runs, but for what is given. */
export function makeUnit(name: string, properties: Readonly<Record<string, string>> = {}): UnitState {
  const [unit] = parseUnits(unitBlock(name, properties));
  assert.ok(unit);
  return unit;
}
