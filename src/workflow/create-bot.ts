import type { Decision, Intent } from "../approval/intent.ts";
import type { Intents } from "../approval/intents.ts";
import { judgeClick, tellEnd } from "../approval/judge-click.ts";
import { groupsOf } from "../approval/may-answer.ts";
import type { Diagnoses } from "../classify/diagnoses.ts";
import { nearestName } from "../config/nearest-name.ts";
import type { AuditEntry, AuditLog } from "../incident/audit.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { Actor, Person, Place } from "../incident/person.ts";
import type { LoadView } from "./load-view.ts";
import type { Log } from "./log.ts";
import { makeCard } from "./make-card.ts";
import { makeThreadNote } from "./make-thread-note.ts";
import type { SiteBook } from "./site-book.ts";
import type { Bot, Press, Reply, Surface } from "./surface.ts";

/** From the decision to the restart, at most. */
const SEND_WITHIN_MS = 5 * 60_000;
const LISTED = 20;

export function createBot(deps: {
  readonly incidents: Incidents;
  readonly intents: Intents;
  readonly diagnoses: Diagnoses;
  readonly audit: AuditLog;
  readonly sites: SiteBook;
  readonly surfaces: readonly Surface[];
  readonly loadView: LoadView;
  readonly log: Log;
  readonly now: () => number;
  readonly touch: (incident: number) => void;
  /** The incident's run exists and takes its next turn now. */
  readonly runIncident: (incident: number) => Promise<void>;
  readonly wakeRestart: (key: string) => void;
}): Bot {
  const { incidents, intents, diagnoses, audit, sites, surfaces, loadView, log, now, touch } = deps;

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
    await incidents.ensurePost(number, from.place);
    if (!isNew && incident.looksWanted === incident.looksDone) await wantLook(number, actor);
    touch(number);
    await deps.runIncident(number);
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

  async function cardOf(number: number) {
    const view = await loadView(number);
    return view === undefined ? undefined : makeCard(view, "console");
  }

  async function decide(press: Press & { readonly action: "approve" | "deny" }): Promise<Reply> {
    const intent = await intents.find(press.value);
    if (intent === undefined)
      return { text: "There is no such proposal. Use the newest message of the incident." };
    const { person, place, action: answer } = press;
    const site = sites.find(intent.site);
    const post = await incidents.findPost(place, press.messageId);
    const approvers = site?.approvers ?? { slack: [], discord: [], console: [] };
    const judgement = judgeClick({ answer, person, place, postIncident: post?.incident }, intent, {
      approvers,
      selfApproval: site?.approval.selfApproval ?? false,
      groups: await groupsOfPerson(person, groupsOf(approvers, person.surface)),
      now: now(),
    });
    if (judgement.kind === "refused") {
      await refuse(intent, person, judgement.why);
      return { text: judgement.told };
    }
    const decided = await store(intent, { answer, person, at: iso(now()) }, judgement.move);
    if (decided === undefined) return { text: tellEnd((await intents.find(intent.key)) ?? intent) };
    touch(intent.incident);
    deps.wakeRestart(intent.key);
    return { text: judgement.told };
  }

  async function store(intent: Intent, decision: Decision, to: "awaiting" | "approved" | "denied") {
    const { answer, person, at } = decision;
    const what = `the restart of ${intent.identity.id} on ${intent.host}`;
    const text = `${person.name} (${person.id}) ${answer === "approve" ? "approved" : "denied"} ${what}.`;
    return await intents.decide(
      intent.key,
      decision,
      {
        from: "awaiting",
        to,
        ...(to === "approved" ? { approvedAt: at, sendBy: iso(now() + SEND_WITHIN_MS) } : {}),
        ...(to === "denied" ? { endedAt: at, outcome: `${person.name} said no.` } : {}),
      },
      {
        kind: answer === "approve" ? "restart-approved" : "restart-denied",
        actor: { kind: "person", person },
        incident: intent.incident,
        intent: intent.key,
        text,
        details: { digest: intent.digest },
      },
      [{ text, loud: false }],
    );
  }

  async function refuse({ key, incident }: Intent, person: Person, why: string): Promise<void> {
    const text = `A click of ${person.name} (${person.id}) did not count: ${why}.`;
    await audit.append({
      kind: "click-refused",
      actor: { kind: "person", person },
      incident,
      intent: key,
      text,
    });
  }

  /** Asked at the time of the click; a platform that cannot say counts as no. */
  async function groupsOfPerson(person: Person, groups: readonly string[]): Promise<ReadonlySet<string>> {
    const surface = surfaces.find(({ name }) => name === person.surface);
    if (surface === undefined) return new Set();
    const asked = await Promise.all(
      groups.map(async (group) => {
        try {
          return (await surface.isMember(group, person)) ? [group] : [];
        } catch (error) {
          log.warn({ surface: surface.name, group, reason: String(error) }, "a group could not be read");
          return [];
        }
      }),
    );
    return new Set(asked.flat());
  }

  /** A click on a message that is not ours, or on a button that says otherwise, is no click. */
  async function incidentOf(press: Press): Promise<number | undefined> {
    const post = await incidents.findPost(press.place, press.messageId);
    return post !== undefined && String(post.incident) === press.value ? post.incident : undefined;
  }

  async function lookAgain(press: Press): Promise<Reply> {
    const number = await incidentOf(press);
    const incident = number === undefined ? undefined : await incidents.find(number);
    if (incident === undefined) return { text: "This message is not one of an incident." };
    if (incident.state === "closed")
      return { text: `Incident #${incident.number} is closed. Ask for the site again.` };
    if (incident.looksWanted > incident.looksDone) return { text: "Looking already." };
    await wantLook(incident.number, { kind: "person", person: press.person });
    touch(incident.number);
    await deps.runIncident(incident.number);
    return { text: "Looking again." };
  }

  async function giveEvidence(press: Press): Promise<Reply> {
    const number = await incidentOf(press);
    const incident = number === undefined ? undefined : await incidents.find(number);
    if (incident?.diagnosis === undefined) return { text: "There is no evidence yet." };
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
          return await decide({ ...press, action: "approve" });
        case "deny":
          return await decide({ ...press, action: "deny" });
        case "look-again":
          return await lookAgain(press);
        case "evidence":
          return await giveEvidence(press);
      }
    },
    async openIncidents(limit) {
      const open = await incidents.list({ state: "open", limit });
      const cards = await Promise.all(open.map(({ number }) => cardOf(number)));
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

function help(names: readonly string[]): Reply {
  return {
    text: [
      "Which hop is broken, why, and would a restart of the upstream help?",
      "/diagnose502 SITE: look at a site, from the application outwards. Nothing is changed.",
      "/diagnose502 list: the sites there are.",
      "/diagnose502 status: the incidents that are open.",
    ].join("\n"),
    sites: names,
  };
}

function usage(names: readonly string[]): string {
  return names.length === 0
    ? "No site is configured yet: describe one in diagnose502.yaml."
    : `Known sites: ${names.slice(0, LISTED).join(", ")}${names.length > LISTED ? ", …" : ""}.`;
}

function listSites(sites: SiteBook): string {
  if (sites.names.length === 0) return usage(sites.names);
  return sites.names.map((name) => `${name}: ${sites.find(name)?.url ?? ""}`).join("\n");
}

/** What was typed is shown shortened, and never looked up anywhere but in the list of sites. */
function unknownSite(word: string, names: readonly string[]): Reply {
  const nearest = nearestName(word.slice(0, 64), names);
  const guess = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  return { text: `There is no site “${word.slice(0, 64)}”.${guess} ${usage(names)}`, sites: names };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
