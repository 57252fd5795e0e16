import type { Intent } from "../approval/intent.ts";
import { isUnproven } from "../approval/restart-allowed.ts";
import { restartName } from "../approval/restart-name.ts";
import type { ExplanationWords } from "../classify/diagnoses.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { SiteConfig } from "../config/config.ts";
import type { Incident } from "../incident/incident.ts";
import type { Actor, SurfaceName } from "../incident/person.ts";
import type { Button, Card } from "../report/card.ts";
import { makeMoment } from "../report/make-moment.ts";
import { makeReport } from "../report/make-report.ts";
import { makeProgressLines } from "../report/progress-lines.ts";
import type { ProgressState } from "../report/progress-state.ts";
import type { Report } from "../report/report.ts";
import { makeActionView } from "./make-action-view.ts";

/** All that a card is drawn from. */
export interface IncidentView {
  readonly incident: Incident;
  readonly diagnosis: Diagnosis | undefined;
  readonly explanation: ExplanationWords | undefined;
  /** The newest first. */
  readonly intents: readonly Intent[];
  /** The restart that its obstacle is about; it may be of another site. */
  readonly inTheWay: Intent | undefined;
  readonly site: SiteConfig | undefined;
  /** Undefined unless looks run in this process. */
  readonly progress: ProgressState | undefined;
  /** So many looks have their verdict, as this process knows: of the last one only the offer may still be to come. */
  readonly answered?: number;
}

/** An incident as people see it now on one surface: where nobody may approve, nobody is asked. */
export function makeCard(view: IncidentView, surface: SurfaceName): Card {
  const { incident, diagnosis, explanation, intents, site, progress, answered = 0 } = view;
  const [intent] = intents;
  const isDue = incident.state === "open" && incident.looksWanted > incident.looksDone;
  const isLooking = isDue && incident.looksWanted > answered;
  const report = diagnosis === undefined ? undefined : makeReport(diagnosis);
  return {
    incident: incident.number,
    site: incident.site,
    url: incident.url,
    tone: toneOf(view, isLooking),
    headline: headlineOf(view, { isLooking, answer: report?.headline }),
    progress: isLooking && progress !== undefined ? makeProgressLines(progress) : [],
    ...mended(view, report),
    proof: report?.proof ?? [],
    since: report?.since ?? null,
    lastChange: report?.lastChange ?? null,
    advice: adviceOf(incident, report?.advice ?? []),
    ...(explanation === undefined || incident.state === "closed" ? {} : { explanation }),
    action: intent === undefined ? null : makeActionView(intent, { site, surface }),
    buttons: incident.state === "open" ? buttonsOf(view, { isDue, surface }) : evidenceButton(incident),
    footer: footerOf(incident, report?.facts ?? []),
  };
}

/** What the diagnosis said of hops and restart is over once the site is well again. */
function mended(
  { incident, intents: [intent] }: IncidentView,
  report: Report | undefined,
): Pick<Card, "hops" | "restart"> {
  const { hops = [], restart = null } = report ?? {};
  const isFault = report?.outcome === "fault" || report?.outcome === "inconclusive";
  if (intent?.verification?.status === "proven") {
    return { hops: hops.map((hop) => ({ ...hop, state: "ok" })), restart: null };
  }
  return incident.state === "closed" && isFault ? { hops: [], restart: null } : { hops, restart };
}

function headlineOf(
  { incident, diagnosis, intents: [intent] }: IncidentView,
  { isLooking, answer }: { readonly isLooking: boolean; readonly answer: string | undefined },
): string {
  const { site, failure, closedBecause } = incident;
  if (incident.state === "closed") {
    const isAnswer = diagnosis !== undefined && !["fault", "inconclusive"].includes(diagnosis.outcome);
    if (isAnswer && answer !== undefined) return answer;
    return closedBecause === undefined ? `${site}: closed.` : `${site}: closed. ${closedBecause}`;
  }
  if (isLooking) return answer === undefined ? `${site}: looking …` : `${answer} Looking again …`;
  if (failure !== undefined) return `${site}: could not look. ${failure.message}`;
  if (intent?.verification?.status === "proven") return `${site}: restarted, and proven to work again.`;
  return answer ?? `${site}: nothing is known yet.`;
}

/** What stands in the way comes first: whoever looks for the button reads on here. */
function adviceOf({ failure, obstacle }: Incident, advice: readonly string[]): readonly string[] {
  if (failure !== undefined) return [failure.hint];
  if (obstacle === undefined) return advice;
  return [`No restart is offered: ${obstacle.message} ${obstacle.hint}`.trim(), ...advice];
}

function toneOf({ incident, diagnosis, intents: [intent] }: IncidentView, isLooking: boolean): Card["tone"] {
  if (incident.state === "closed") return "ok";
  if (isLooking && diagnosis === undefined) return "working";
  if (incident.failure !== undefined) return "warning";
  if (intent?.verification?.status === "proven") return "ok";
  switch (diagnosis?.outcome) {
    case "fault":
      return "fault";
    case "healthy":
    case "recovered":
      return "ok";
    case "inconclusive":
    case "not-a-gateway-error":
    case undefined:
      return "warning";
  }
}

function buttonsOf(
  { incident, intents: [intent], inTheWay, site }: IncidentView,
  { isDue, surface }: { readonly isDue: boolean; readonly surface: SurfaceName },
): readonly Button[] {
  const canBeAsked = (site?.approvers[surface].length ?? 0) > 0;
  const asks = intent !== undefined && canBeAsked ? approvalButtons(intent) : [];
  const lifts = canBeAsked && !isDue ? liftButton(inTheWay) : [];
  const busy = isDue || intent?.state === "approved" || intent?.state === "sent";
  const lookAgain: Button = {
    action: "look-again",
    value: String(incident.number),
    label: "Look again",
    style: "plain",
  };
  return [...asks, ...lifts, ...(busy ? [] : [lookAgain]), ...evidenceButton(incident)];
}

function evidenceButton({ number, diagnosis }: Incident): readonly Button[] {
  if (diagnosis === undefined) return [];
  return [{ action: "evidence", value: String(number), label: "Raw evidence", style: "plain" }];
}

/** A restart that was not proven stands in the way of the next one. Which one that is, is said: it may be of another site. */
function liftButton(intent: Intent | undefined): readonly Button[] {
  if (intent === undefined || !isUnproven(intent)) return [];
  const { key, identity, host } = intent;
  return [
    {
      action: "lift",
      value: key,
      label: `Allow restarts again after ${identity.id} on ${host}`,
      style: "plain",
      confirm: {
        title: "Allow restarts again?",
        text: `The restart of ${restartName(intent)} was not proven to have helped. Only after somebody has looked at that service. Nothing is restarted now: a new look follows, and a restart is offered if it would help.`,
        yes: "Allow them",
        no: "Not now",
      },
    },
  ];
}

/** Drawn from the stored intent alone: what the person reads is what will run. While nothing is sent it can be denied. */
function approvalButtons({ key, state, identity, host, risk }: Intent): readonly Button[] {
  if (state === "approved") return [{ action: "deny", value: key, label: "Deny after all", style: "plain" }];
  if (state !== "awaiting") return [];
  const along = risk.takesAlong.length === 0 ? "" : ` It takes ${risk.takesAlong.join(", ")} along.`;
  return [
    {
      action: "approve",
      value: key,
      label: "Restart upstream only",
      style: "danger",
      confirm: {
        title: "Restart the upstream?",
        text: `${identity.id} on ${host} will be restarted once, after one more check.${along}`,
        yes: "Restart it",
        no: "Not now",
      },
    },
    { action: "deny", value: key, label: "Deny", style: "plain" },
  ];
}

function footerOf(incident: Incident, facts: readonly string[]): readonly string[] {
  const { number, openedAt, openedBy, closedAt } = incident;
  const opened = `incident #${number}, opened by ${nameOf(openedBy)} at ${makeMoment(openedAt, closedAt ?? openedAt).clock}`;
  return [opened, ...facts];
}

/** Who it was, for people; ids are what counts. */
function nameOf(actor: Actor): string {
  switch (actor.kind) {
    case "person":
      return actor.person.name;
    case "alert":
      return `an alert of ${actor.source}`;
    case "bot":
      return "diagnose502";
  }
}
