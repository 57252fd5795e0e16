import type { Diagnoses } from "../classify/diagnoses.ts";
import type { AuditEntry } from "../incident/audit.ts";
import type { Incident, Post } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { Actor, Person, Place, SurfaceName } from "../incident/person.ts";
import { urgently } from "../turnstile.ts";
import { help, listSites, unknownSite, usage } from "./command-replies.ts";
import type { LoadView } from "./load-view.ts";
import { makeCard } from "./make-card.ts";
import { makeThreadNote } from "./make-thread-note.ts";
import type { SiteBook } from "./site-book.ts";
import type { Bot, Press, Reply } from "./surface.ts";
import type { TakeDecision } from "./take-decision.ts";
import type { TakeLift } from "./take-lift.ts";

const LISTED = 20;
const NO_EVIDENCE =
  "There is no raw evidence of this: it is kept for 90 days, and not at all when it is larger than 2 MB compressed.";

export function createBot(deps: {
  readonly incidents: Incidents;
  readonly diagnoses: Diagnoses;
  readonly sites: SiteBook;
  readonly loadView: LoadView;
  /** Its messages are due; `wanted`: somebody asked there. */
  readonly touch: (incident: number, wanted?: Post) => void;
  /** The incident is stored: its run begins, and nobody waits for that. */
  readonly startIncident: (incident: number) => void;
  /** A look is wanted, and that is stored: its run takes its next turn now. */
  readonly lookAgain: (incident: number) => void;
  readonly takeDecision: TakeDecision;
  readonly takeLift: TakeLift;
}): Bot {
  const { incidents, diagnoses, sites, loadView, touch, takeDecision, takeLift } = deps;

  async function look(
    site: string,
    from: { readonly person: Person; readonly place: Place },
  ): Promise<Reply> {
    const url = sites.find(site)?.url ?? "";
    const actor: Actor = { kind: "person", person: from.person };
    const { incident, isNew } = await incidents.openOrJoin(
      { site, url, openedBy: actor },
      { kind: "incident-opened", actor, text: `${from.person.name} asked for ${site}.` },
    );
    const { number } = incident;
    let post: Post | undefined;
    try {
      post = await incidents.ensurePost(number, from.place);
      if (!isNew && incident.looksWanted === incident.looksDone) await wantLook(number, actor);
    } finally {
      // it is open, whatever could not be stored after that
      touch(number, post);
      if (isNew) deps.startIncident(number);
      else deps.lookAgain(number);
    }
    return {
      text: isNew
        ? `Looking at ${site} (incident #${number}).`
        : `Incident #${number} of ${site} is open already; looking again there.`,
    };
  }

  async function wantLook(number: number, by: Actor): Promise<void> {
    const text = "Asked for another look.";
    const entry: AuditEntry = { kind: "look-asked", actor: by, incident: number, text };
    await incidents.change(number, { wantLook: { by } }, [entry], { whenOpen: true });
  }

  async function listOpen(): Promise<Reply> {
    const open = await incidents.list({ state: "open", limit: LISTED });
    if (open.length === 0) return { text: "No incident is open." };
    const cards = await Promise.all(open.map(({ number }) => cardOf(number)));
    const lines = cards.flatMap((card) => (card === undefined ? [] : `#${card.incident} ${card.headline}`));
    return { text: lines.join("\n") };
  }

  async function cardOf(number: number, surface: SurfaceName = "console") {
    const view = await loadView(number);
    return view === undefined ? undefined : makeCard(view, surface);
  }

  /** A click on a message that is not ours, or on a button that says otherwise, is no click. */
  async function postOf(press: Press): Promise<Post | undefined> {
    const post = await incidents.findPost(press.place, press.messageId);
    return post !== undefined && String(post.incident) === press.value ? post : undefined;
  }

  async function lookAgain(press: Press): Promise<Reply> {
    const post = await postOf(press);
    const incident = post && (await incidents.find(post.incident));
    if (incident === undefined) return { text: "This message is not one of an incident." };
    if (incident.state === "closed")
      return { text: `Incident #${incident.number} is closed. Ask for the site again.` };
    return { text: (await beginLook(incident, press, post)) ? "Looking again." : "Looking already." };
  }

  /** False when one is under way. */
  async function beginLook(
    { number, looksWanted, looksDone }: Incident,
    { person }: Press,
    post?: Post,
  ): Promise<boolean> {
    const isLooking = looksWanted > looksDone;
    if (!isLooking) await wantLook(number, { kind: "person", person });
    touch(number, post);
    if (!isLooking) deps.lookAgain(number);
    return !isLooking;
  }

  /** What was held back may be offered now: that takes another look. */
  async function lift(press: Press): Promise<Reply> {
    const { text, heldBack = [] } = await takeLift(press);
    const clicked =
      heldBack.length === 0 ? undefined : await incidents.findPost(press.place, press.messageId);
    for (const number of heldBack) {
      const incident = await incidents.find(number);
      if (incident?.state !== "open") continue;
      await beginLook(incident, press, clicked?.incident === number ? clicked : undefined);
    }
    return { text };
  }

  async function giveEvidence(press: Press): Promise<Reply> {
    const post = await postOf(press);
    const incident = post && (await incidents.find(post.incident));
    if (incident?.diagnosis === undefined) return { text: "There is no evidence yet." };
    if ((await diagnoses.evidence(incident.diagnosis)) === undefined) return { text: NO_EVIDENCE };
    const note = {
      text: `Raw evidence, asked for by ${press.person.name}.`,
      evidenceOf: incident.diagnosis,
      loud: false,
    };
    await incidents.change(incident.number, { notes: [note] }, []);
    touch(incident.number);
    return { text: "It is put into the thread." };
  }

  return {
    async command(text, from) {
      const [word = "", ...rest] = text.trim().split(/\s+/);
      if (word === "" || word === "help") return help(sites.names);
      if (rest.length > 0) return { text: `One site at a time. ${usage(sites.names)}`, sites: sites.names };
      if (sites.find(word) !== undefined) return await look(word, from);
      if (word === "list") return { text: listSites(sites) };
      if (word === "status") return await listOpen();
      return unknownSite(word, sites.names);
    },
    suggestSites(prefix, limit) {
      const wanted = prefix.toLowerCase();
      const starts = sites.names.filter((name) => name.toLowerCase().startsWith(wanted));
      const holds = sites.names.filter((name) => name.toLowerCase().includes(wanted));
      return [...new Set([...starts, ...holds])].slice(0, limit);
    },
    async press(press) {
      switch (press.action) {
        case "approve":
          return await urgently(() => takeDecision({ ...press, action: "approve" }));
        case "deny":
          return await urgently(() => takeDecision({ ...press, action: "deny" }));
        case "lift":
          return await lift(press);
        case "look-again":
          return await lookAgain(press);
        case "evidence":
          return await giveEvidence(press);
      }
    },
    async buttonsOn(place, messageId) {
      const post = await incidents.findPost(place, messageId);
      const card = post && (await cardOf(post.incident, place.surface));
      return card?.buttons ?? [];
    },
    async openIncidents(limit) {
      const open = await incidents.list({ state: "open", limit });
      const cards = await Promise.all(open.map(({ number }) => cardOf(number)));
      return cards.flatMap((card) => card ?? []);
    },
    async recentIncidents(limit) {
      const recent = await incidents.list({ limit });
      const cards = await Promise.all(recent.map(({ number }) => cardOf(number)));
      return cards.flatMap((card) => card ?? []);
    },
    async incident(number) {
      const card = await cardOf(number);
      if (card === undefined) return undefined;
      const notes = await incidents.notes(number);
      return {
        card,
        notes: await Promise.all(notes.map((note) => makeThreadNote(number, note, { diagnoses }))),
      };
    },
  };
}
