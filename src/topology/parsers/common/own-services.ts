import { createDetector } from "../../detect.ts";
import type { ParserInput } from "../../parser.ts";
import type { UnitState } from "../../target.ts";

/** The services among a host's units that belong to the parser's playbook. */
export function ownServices({ playbook, units }: ParserInput): UnitState[] {
  const detector = createDetector([playbook]);
  return units.filter((unit) => unit.unit.endsWith(".service") && detector.unit(unit) !== undefined);
}
