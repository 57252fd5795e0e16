import type { Intents } from "../approval/intents.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { AuditEntry } from "../incident/audit.ts";
import type { Incident, NewNote } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import { OperatorError } from "../operator-error.ts";
import type { Lane } from "./engine.ts";
import { type FollowUp, GOOD_ROUNDS } from "./follow-up.ts";
import { homeLaneOf } from "./home-lane.ts";
import type { Look, TakeLook } from "./look.ts";
import type { OfferRestart } from "./offer-restart.ts";
import type { ProgressBoard } from "./progress-board.ts";
import type { SiteBook } from "./site-book.ts";
import { ENDED, type Turn, waitFor } from "./turn.ts";

const BOT = { kind: "bot" } as const;
/** A whole diagnosis, its proposal included. */
const LOOK_DEADLINE_MS = 120_000;
const PROBE_DEADLINE_MS = 20_000;
const WITHOUT_SITE_MS = 24 * 60 * 60_000;

/**
 * Does the next thing an incident needs, by its row: a look that was asked for, else one more question to the public URL, which closes it once
 * the site is well. It may be called again at any moment, and twice for the same thing. A run that is not in the incident's own lane takes looks
 * alone, and ends.
 */
export type AdvanceIncident = (number: number, lane: Lane) => Promise<Turn>;

export function createAdvanceIncident(deps: {
  readonly incidents: Incidents;
  readonly intents: Intents;
  readonly takeLook: TakeLook;
  readonly offerRestart: OfferRestart;
  readonly followUp: FollowUp;
  readonly sites: SiteBook;
  /** How long until the public URL is asked again. */
  readonly paceMs: (incident: Incident, now: number) => number;
  readonly board: ProgressBoard;
  readonly now: () => number;
  /** Its messages are due. */
  readonly touch: (incident: number) => void;
  /** A restart was proposed: its run must exist. */
  readonly onProposed: (key: string) => Promise<void>;
  /** A diagnosis was made: whoever wants may explain it. */
  readonly onDiagnosed: (incident: number, look: Look) => void;
}): AdvanceIncident {
  const { incidents, intents, takeLook, offerRestart, followUp, sites, paceMs, board, now, touch } = deps;

  async function look(incident: Incident): Promise<void> {
    const { number, site, looksWanted } = incident;
    const signal = AbortSignal.timeout(LOOK_DEADLINE_MS);
    board.begin(number);
    touch(number);
    try {
      const made = await takeLook(
        { incident: number, site },
        { signal, onProgress: (event) => board.add(number, event) },
      );
      const { diagnosis, id } = made;
      board.answer(number, looksWanted);
      await incidents.change(
        number,
        {
          diagnosis: id,
          failure: null,
          obstacle: null,
          goodProbes: 0,
          notes: [detailsNote(made)],
        },
        [diagnosed(incident, made)],
      );
      touch(number);
      deps.onDiagnosed(number, made);
      const key = await offerRestart(incident, made, { signal });
      // whoever dies before this line looks once more: an offer that nobody made would not be missed
      await incidents.change(number, { looksDone: looksWanted }, []);
      if (key !== undefined) await deps.onProposed(key);
      // a person who asks about a healthy site is answered; an alert is only over when the site has stayed well
      if (incident.openedBy.kind === "person" && isWell(diagnosis))
        await close(incident, WELL[diagnosis.outcome]);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const { message, hint } = error;
      await incidents.change(number, { looksDone: looksWanted, failure: { message, hint } }, [
        { kind: "diagnosis-failed", actor: BOT, incident: number, text: message },
      ]);
    } finally {
      board.end(number);
      touch(number);
    }
  }

  async function close(incident: Incident, because: string): Promise<void> {
    const { number } = incident;
    for (const { key, state } of await intents.ofIncident(number)) {
      if (state !== "awaiting") continue;
      const outcome = "the site is well again.";
      const endedAt = new Date(now()).toISOString();
      const audit: AuditEntry = {
        kind: "restart-superseded",
        actor: BOT,
        incident: number,
        intent: key,
        text: `Void: ${outcome}`,
      };
      await intents.move(key, { from: ["awaiting"], to: "superseded", outcome, endedAt }, audit, []);
    }
    await incidents.change(
      number,
      { state: "closed", closedBecause: because, notes: [{ text: `Closed. ${because}`, loud: false }] },
      [{ kind: "incident-closed", actor: BOT, incident: number, text: because }],
      { whenOpen: true },
    );
    touch(number);
  }

  async function probe(incident: Incident): Promise<{ readonly good: number; readonly asked: number }> {
    try {
      return await followUp(incident, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
    } catch (error) {
      // who cannot ask knows nothing new; whoever looks is told why
      if (!(error instanceof OperatorError)) throw error;
      return { good: 0, asked: 0 };
    }
  }

  async function ask(incident: Incident): Promise<Turn> {
    const underWay = (await intents.ofIncident(incident.number)).some(
      ({ state, verification }) =>
        state === "approved" || state === "sent" || (state === "done" && isRunning(verification)),
    );
    // its own proof asks often enough, and closes the incident itself
    if (underWay) return waitFor(paceMs(incident, now()));
    if (sites.find(incident.site) === undefined) return await waitWithoutSite(incident);
    const { good, asked } = await probe(incident);
    const goodProbes = asked > 0 && good === asked ? incident.goodProbes + 1 : 0;
    if (goodProbes >= GOOD_ROUNDS) {
      await close(
        incident,
        `The site answers again: ${goodProbes * asked} of ${goodProbes * asked} requests.`,
      );
      return ENDED;
    }
    if (goodProbes !== incident.goodProbes) {
      await incidents.change(incident.number, { goodProbes, silent: true }, [], { whenOpen: true });
    }
    return waitFor(paceMs(incident, now()));
  }

  /** An alert that names no site of ours can prove nothing: it was said, and is put away after a day. */
  async function waitWithoutSite(incident: Incident): Promise<Turn> {
    const leftMs = Date.parse(incident.openedAt) + WITHOUT_SITE_MS - now();
    if (leftMs > 0) return waitFor(leftMs);
    await close(incident, "It was about no site of the config.");
    return ENDED;
  }

  return async function advanceIncident(number, lane) {
    const incident = await incidents.find(number);
    if (incident === undefined || incident.state === "closed") return ENDED;
    if (incident.looksWanted > incident.looksDone) {
      await look(incident);
      if (lane !== homeLaneOf(incident)) return waitFor(0);
      return waitFor((await incidents.find(number))?.state === "open" ? paceMs(incident, now()) : 0);
    }
    return lane === homeLaneOf(incident) ? await ask(incident) : ENDED;
  };
}

function isRunning(verification: { readonly status: string } | undefined): boolean {
  return verification === undefined || verification.status === "running";
}

const WELL = {
  healthy: "Every hop that could be looked at is fine.",
  recovered: "It works again by itself.",
  "not-a-gateway-error": "The answer is the application's own, and no hop is broken.",
} as const;

function isWell(diagnosis: Diagnosis): diagnosis is Diagnosis & { readonly outcome: keyof typeof WELL } {
  return Object.hasOwn(WELL, diagnosis.outcome);
}

function detailsNote({ id, diagnosis }: Look): NewNote {
  const { cause, findings, notChecked } = diagnosis;
  const gaps = notChecked.length > 0 ? `, ${count(notChecked.length, "look")} not possible` : "";
  const seen = `${count(findings.length, "finding")}${gaps}`;
  return {
    text: `What was seen (${cause?.id ?? diagnosis.outcome}): ${seen}.`,
    evidenceOf: id,
    loud: false,
  };
}

function diagnosed({ number }: Incident, { id, diagnosis }: Look): AuditEntry {
  const { outcome, cause } = diagnosis;
  return {
    kind: "diagnosis-made",
    actor: BOT,
    incident: number,
    text: cause === null ? outcome : `${outcome}: ${cause.id}`,
    details: { diagnosis: id, confidence: cause?.confidence ?? null },
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
