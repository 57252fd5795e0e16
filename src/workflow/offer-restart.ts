import type { Intents } from "../approval/intents.ts";
import { makeIntent, type Proposal } from "../approval/make-intent.ts";
import { offerAllowed } from "../approval/offer-allowed.ts";
import { serviceRefOf } from "../approval/service-ref.ts";
import type { AuditEntry } from "../incident/audit.ts";
import type { Incident, NewNote } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { OperatorError } from "../operator-error.ts";
import type { ServiceControl } from "../remediate/service-control.ts";
import { proxyUnitsOn } from "../topology/proxy-units.ts";
import type { Look } from "./look.ts";
import type { RestartAllowed } from "./restart-allowed.ts";
import type { SiteBook } from "./site-book.ts";

const BOT = { kind: "bot" } as const;
const HOUR_MS = 60 * 60_000;

/**
 * After a look: voids what was offered before, and offers the restart that the diagnosis recommends, if the host itself lets it be offered.
 * Resolves to the new intent's key; undefined, and said in the thread, when there is none.
 */
export type OfferRestart = (
  incident: Incident,
  look: Look,
  options: { readonly signal: AbortSignal },
) => Promise<string | undefined>;

export function createOfferRestart(deps: {
  readonly incidents: Incidents;
  readonly intents: Intents;
  readonly sites: SiteBook;
  readonly control: ServiceControl;
  readonly restartAllowed: RestartAllowed;
  /** SHA-256 over the config and the playbooks of this process. */
  readonly basis: string;
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
}): OfferRestart {
  const { incidents, intents, sites, control, restartAllowed, basis, now, random } = deps;

  async function notOffered(
    incident: Incident,
    {
      why,
      hint,
      loud = false,
      unproven,
    }: {
      readonly why: string;
      readonly hint: string;
      readonly loud?: boolean;
      readonly unproven?: string;
    },
  ): Promise<undefined> {
    const message = /[.!?]$/.test(why) ? why : `${why}.`;
    await incidents.change(
      incident.number,
      {
        obstacle: { message, hint, ...(unproven === undefined ? {} : { lifts: unproven }) },
        notes: [{ text: `No restart is offered: ${message} ${hint}`.trim(), loud }],
      },
      [{ kind: "restart-not-offered", actor: BOT, incident: incident.number, text: message }],
    );
  }

  const offer: OfferRestart = async (incident, { request, target, diagnosis, id }, { signal }) => {
    const isFree = await supersedeOlder(incident.number, intents, now);
    const { remediation, cause } = diagnosis;
    const site = sites.find(incident.site);
    if (!remediation?.recommended || cause === null || site === undefined || !isFree) return undefined;

    const host = hostNamed(remediation.host, request);
    if (host === undefined) return undefined;
    const service = serviceRefOf(remediation.service ?? { kind: "systemd", unit: remediation.unit });
    if (service === undefined) {
      return await notOffered(incident, {
        why: `Whose PM2 runs ${remediation.unit} is not known.`,
        hint: "Name the login in the config: service: { pm2: { app: NAME, user: LOGIN } }.",
      });
    }
    const reading = await control.read(host, service, {
      resetBudget: site.restart.resetStartBudget,
      proxyUnits: proxyUnitsOn(remediation.host, target),
      signal,
    });
    if (reading.kind !== "read") return await notOffered(incident, reading);

    const { identity, hostKey, risk, argv } = reading;
    const allowed = await restartAllowed({
      site: incident.site,
      target,
      host: remediation.host,
      serviceId: identity.id,
      cause: cause.id,
      coolDownMs: site.restart.coolDownMs,
    });
    if (!allowed.ok) return await notOffered(incident, { ...allowed, loud: allowed.escalate });

    const proposal: Proposal = {
      incident: incident.number,
      diagnosis: id,
      site: incident.site,
      host: remediation.host,
      hostKey,
      service,
      identity,
      risk,
      cause: cause.id,
      why: remediation.why,
      argv,
      basis,
    };
    const { askedBy } = incident;
    const asker = askedBy.kind === "person" ? { requestedBy: askedBy.person } : {};
    const recent = await intents.createdSince(new Date(now() - HOUR_MS).toISOString());
    const mayAsk = offerAllowed(recent, { proposal, now: now(), ...asker });
    if (!mayAsk.ok) return await notOffered(incident, mayAsk);
    const intent = makeIntent(proposal, {
      key: random(16).toString("hex"),
      now: now(),
      policy: site.approval,
      ...asker,
    });
    const what = `a restart of ${identity.id} on ${intent.host}`;
    const audit: AuditEntry = {
      kind: "restart-proposed",
      actor: BOT,
      incident: incident.number,
      intent: intent.key,
      text: `Proposed ${what}.`,
      details: {
        argv: intent.argv,
        digest: intent.digest,
        hostKey,
        diagnosis: id,
        approveBy: intent.approveBy,
      },
    };
    const note: NewNote = {
      text: `A decision is needed: ${what} would help. It can be approved until ${intent.approveBy.slice(11, 16)} UTC.`,
      loud: true,
    };
    if (await intents.create(intent, audit, [note])) return intent.key;
    if ((await incidents.find(incident.number))?.state === "closed") return undefined;
    return await notOffered(incident, {
      why: `Another proposal for ${identity.id} on ${intent.host} is open.`,
      hint: "Answer that one first.",
    });
  };

  return async function offerRestart(incident, look, options) {
    try {
      return await offer(incident, look, options);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return await notOffered(incident, { why: error.message, hint: error.hint });
    }
  };
}

/** False when an earlier one is under way: then nothing else is offered. */
async function supersedeOlder(incident: number, intents: Intents, now: () => number): Promise<boolean> {
  for (const { key, state } of await intents.ofIncident(incident)) {
    if (state === "approved" || state === "sent") return false;
    if (state !== "awaiting") continue;
    const outcome = "a newer look took its place.";
    const audit: AuditEntry = {
      kind: "restart-superseded",
      actor: BOT,
      incident,
      intent: key,
      text: `Void: ${outcome}`,
    };
    const endedAt = new Date(now()).toISOString();
    const moved = await intents.move(
      key,
      { from: ["awaiting"], to: "superseded", outcome, endedAt },
      audit,
      [],
    );
    // somebody approved it this very moment
    if (moved === undefined) return false;
  }
  return true;
}

export function hostNamed(name: string, { proxies, upstreams }: Look["request"]): HostAccess | undefined {
  return [...proxies, ...upstreams].find((host) => host.name === name);
}
