import type { AuditEntry } from "../incident/audit.ts";
import type { NewNote } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { Actor } from "../incident/person.ts";
import type { AlertInbox, StoredAlert } from "../intake/alert.ts";
import type { Log } from "./log.ts";
import type { SiteBook } from "./site-book.ts";

const BATCH = 100;
/** So many alerts that joined an incident, and so many that are over, its thread tells one by one: more would bury it, and what is loud. */
const TOLD = 20;
const JOINED = "Another alert of";
const RESOLVED = "says that its alert is resolved";
const THE_REST = "Those that follow are kept, and not told here";

/**
 * Turns what the inbox holds into incidents: a firing alert opens one or joins the open one of its site, a resolved one is told there. It
 * closes nothing by itself, unless there is no site of ours that could prove it. It may run twice for the same alert.
 */
export type HandleAlerts = () => Promise<void>;

export function createHandleAlerts(deps: {
  readonly inbox: AlertInbox;
  readonly incidents: Incidents;
  readonly sites: SiteBook;
  readonly log: Log;
  readonly touch: (incident: number) => void;
  /** The incident's run exists and takes its next turn now. */
  readonly startIncident: (incident: number) => Promise<unknown>;
}): HandleAlerts {
  const { inbox, incidents, sites, log, touch, startIncident } = deps;

  async function handle({ id, alert, site }: StoredAlert): Promise<void> {
    if (alert.status === "resolved") {
      await inbox.markHandled(id, await tellResolved(alert));
      return;
    }
    const actor: Actor = { kind: "alert", source: alert.source };
    // a site of its own, so that it is said in the channel and not only here
    const name = site ?? unmatchedSite(alert.source);
    const entry: AuditEntry = {
      kind: "incident-opened",
      actor,
      text: `Alert of ${alert.source}: ${alert.title}`,
    };
    const { incident, isNew } = await incidents.openOrJoin(
      { site: name, url: sites.find(name)?.url ?? "", openedBy: actor, title: alert.title },
      entry,
    );
    const isKnown = (await inbox.incidentOf(alert.source, alert.fingerprint)) === incident.number;
    if (!isNew && !isKnown) await tellJoined(incident.number, { alert, entry });
    await inbox.markHandled(id, incident.number);
    touch(incident.number);
    if (isNew) await startIncident(incident.number);
  }

  async function tellJoined(
    incident: number,
    { alert, entry }: { readonly alert: StoredAlert["alert"]; readonly entry: AuditEntry },
  ): Promise<void> {
    const joined = `${JOINED} ${alert.source} joined`;
    const text = { each: `${joined}:`, last: `${joined}. ${THE_REST}:` };
    const notes = await notesOf(incident, { like: JOINED, text, title: alert.title });
    if (notes.length === 0) return;
    await incidents.change(incident, { notes }, [{ ...entry, kind: "alert-joined", incident }]);
  }

  /** None once the thread has told enough that are `like` it. */
  async function notesOf(
    incident: number,
    {
      like,
      text,
      title,
    }: {
      readonly like: string;
      readonly text: { readonly each: string; readonly last: string };
      readonly title: string;
    },
  ): Promise<readonly NewNote[]> {
    const notes = await incidents.notes(incident);
    const told = notes.filter((note) => note.text.includes(like)).length;
    if (told > TOLD) return [];
    return [{ text: told < TOLD ? text.each : text.last, quotes: [title], loud: false }];
  }

  async function tellResolved({
    source,
    fingerprint,
    title,
  }: StoredAlert["alert"]): Promise<number | undefined> {
    const number = await inbox.incidentOf(source, fingerprint);
    if (number === undefined) return undefined;
    const actor: Actor = { kind: "alert", source };
    const incident = await incidents.find(number);
    const isProvable = incident === undefined || sites.find(incident.site) !== undefined;
    const closes = !isProvable && !(await inbox.othersFire(number, { source, fingerprint }));
    const because = `${source} ${RESOLVED}, and it was about no site of the config.`;
    const each = `${source} ${RESOLVED}; ${isProvable ? "the incident closes once the site proves it" : "others of this incident still fire"}.`;
    const notes: readonly NewNote[] = closes
      ? [{ text: `Closed. ${because}`, quotes: [title], loud: false }]
      : await notesOf(number, { like: RESOLVED, text: { each, last: `${each} ${THE_REST}.` }, title });
    const changed = await incidents.change(
      number,
      {
        notes,
        ...(notes.length === 0 ? { silent: true } : {}),
        ...(closes ? { state: "closed", closedBecause: because } : {}),
      },
      [
        { kind: "alert-resolved", actor, incident: number, text: `Resolved: ${title}` },
        ...(closes ? [{ kind: "incident-closed", actor, incident: number, text: because } as const] : []),
      ],
      { whenOpen: true },
    );
    if (changed !== undefined) touch(number);
    return number;
  }

  return async function handleAlerts() {
    for (let batch = await inbox.pending(BATCH); batch.length > 0; batch = await inbox.pending(BATCH)) {
      for (const stored of batch) await handle(stored);
      log.debug({ alerts: batch.length }, "alerts handled");
    }
  };
}

/** Stands for a site that the config does not have. */
function unmatchedSite(source: string): string {
  return `${source} (no site)`;
}
