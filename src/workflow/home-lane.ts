import type { Incident } from "../incident/incident.ts";
import type { Lane } from "./engine.ts";

/** Where an incident's own run waits, from its first look to its end: a storm of alerts must not delay what people opened. */
export function homeLaneOf({ openedBy }: Incident): Lane {
  return openedBy.kind === "person" ? "commands" : "alerts";
}

/** Where the look waits that an incident needs next. */
export function lookLaneOf(incident: Incident): Lane {
  return incident.askedBy.kind === "person" ? "commands" : homeLaneOf(incident);
}
