import type { Intents } from "../approval/intents.ts";
import type { Diagnoses } from "../classify/diagnoses.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { IncidentView } from "./make-card.ts";
import type { ProgressBoard } from "./progress-board.ts";
import type { SiteBook } from "./site-book.ts";

/** Reads all that one incident's card is drawn from; undefined when there is no such incident. */
export type LoadView = (incident: number) => Promise<IncidentView | undefined>;

export function createLoadView(from: {
  readonly incidents: Incidents;
  readonly diagnoses: Diagnoses;
  readonly intents: Intents;
  readonly sites: SiteBook;
  readonly board: ProgressBoard;
}): LoadView {
  const { incidents, diagnoses, intents, sites, board } = from;
  return async (number) => {
    const incident = await incidents.find(number);
    if (incident === undefined) return undefined;
    const { diagnosis: id, obstacle } = incident;
    return {
      incident,
      diagnosis: id === undefined ? undefined : await diagnoses.find(id),
      explanation: id === undefined ? undefined : await diagnoses.explanation(id),
      intents: await intents.ofIncident(number),
      inTheWay: obstacle?.lifts === undefined ? undefined : await intents.find(obstacle.lifts),
      site: sites.find(incident.site),
      progress: board.of(number),
      answered: board.answered(number),
    };
  };
}
