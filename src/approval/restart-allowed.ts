import type { CauseId } from "../classify/cause.ts";
import type { Intent, Verification } from "./intent.ts";

/** Whether a restart may be offered and sent now, by what was sent before. */
export type Allowance =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly why: string;
      readonly hint: string;
      /** ISO-8601; absent: until a person does something about it. */
      readonly until?: string;
      /** It must be told loudly: more of the same will not help. */
      readonly escalate: boolean;
      /** Key of the restart that was not proven: a person may set it aside. */
      readonly unproven?: string;
    };

type Sent = Intent & { readonly sentAt: string };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** No config goes below it. */
const LEAST_COOL_DOWN_MS = 2 * MINUTE_MS;
/** Sending, asking and proving end by then. */
const OVER_AFTER_MS = 30 * MINUTE_MS;
const A_DAY = 3;
const SAME_CAUSE_A_DAY = 2;
const AN_HOUR_BY_BOT = 5;

/**
 * Cool-down, daily and hourly limits, and the lock on loops, counted from the stored intents alone: a restart of the bot forgets
 * nothing. `history`: all intents that were sent in the last 24 hours, or longer, of every service; a failed proof counts as long as it is in it,
 * until a person sets it aside.
 */
export function restartAllowed(
  history: readonly Intent[],
  wanted: {
    readonly host: string;
    readonly serviceId: string;
    readonly cause: CauseId;
    readonly coolDownMs: number;
    /** Epoch ms. */
    readonly now: number;
    /** The intent that is about to be sent: it does not stand in its own way. */
    readonly key?: string;
  },
): Allowance {
  const { host, serviceId, cause, now } = wanted;
  const sent = history.filter(mayHaveRestarted).filter(({ key }) => key !== wanted.key);
  const underWay = sent.find((intent) => intent.host === host && !isOver(intent, now));
  if (underWay !== undefined) {
    return refused(`${underWay.identity.id} on ${host} is being restarted or proven.`, {
      hint: "One at a time on a host: the next one when that is proven.",
    });
  }
  const mine = sent.filter((intent) => intent.host === host && intent.identity.id === serviceId);
  const unproven = mine.find(isUnproven);
  if (unproven !== undefined) {
    return refused(
      `The restart of ${serviceId} at ${moment(sentMs(unproven), now)} could not be proven to have helped.`,
      {
        hint: "It is not tried again before somebody has looked at the service, and says so: “Allow restarts again”.",
        escalate: true,
        unproven: unproven.key,
      },
    );
  }
  const last = Math.max(0, ...mine.map(sentMs));
  const coolAt = last + Math.max(wanted.coolDownMs, LEAST_COOL_DOWN_MS);
  if (now < coolAt) {
    return refused(
      `${serviceId} was restarted at ${clock(last)}; the next is possible at ${clock(coolAt)}.`,
      {
        hint: "Give it time, and look again.",
        untilMs: coolAt,
      },
    );
  }
  const today = mine.filter((intent) => sentMs(intent) > now - DAY_MS);
  const same = today.filter((intent) => intent.cause === cause);
  if (same.length >= SAME_CAUSE_A_DAY) {
    return refused(
      `${serviceId} was restarted ${same.length} times in 24 hours for this same cause, and it came back.`,
      {
        hint: "A restart does not mend this: find the cause before the next one.",
        untilMs: freeAgain(same, SAME_CAUSE_A_DAY, DAY_MS),
        escalate: true,
      },
    );
  }
  if (today.length >= A_DAY) {
    return refused(`${serviceId} was restarted ${today.length} times in 24 hours.`, {
      hint: "Find out why it needs that.",
      untilMs: freeAgain(today, A_DAY, DAY_MS),
      escalate: true,
    });
  }
  const lastHour = sent.filter((intent) => sentMs(intent) > now - HOUR_MS);
  if (lastHour.length >= AN_HOUR_BY_BOT) {
    return refused(`${lastHour.length} services were restarted within the last hour.`, {
      hint: "So many at once have a common cause: look for it.",
      untilMs: freeAgain(lastHour, AN_HOUR_BY_BOT, HOUR_MS),
      escalate: true,
    });
  }
  return { ok: true };
}

/** Its proof failed, and nobody has set that aside. */
export function isUnproven(intent: Intent): intent is Intent & { readonly verification: Verification } {
  return intent.verification?.status === "unproven" && intent.verification.lifted === undefined;
}

/** What was refused or never arrived changed nothing. */
function mayHaveRestarted(intent: Intent): intent is Sent {
  const { state, sentAt } = intent;
  return sentAt !== undefined && (state === "sent" || state === "done" || state === "unknown");
}

function isOver(intent: Sent, now: number): boolean {
  const { state, verification } = intent;
  if (sentMs(intent) < now - OVER_AFTER_MS) return true;
  if (state === "sent") return false;
  return state !== "done" || (verification !== undefined && verification.status !== "running");
}

/** When enough of them are older than the window. */
function freeAgain(intents: readonly Sent[], limit: number, windowMs: number): number {
  const times = intents.map(sentMs).toSorted((a, b) => b - a);
  return Math.min(...times.slice(0, limit)) + windowMs;
}

function sentMs({ sentAt }: Sent): number {
  return Date.parse(sentAt);
}

/** With its day, when that is not today. */
function moment(ms: number, now: number): string {
  const day = new Date(ms).toISOString().slice(0, 10);
  return day === new Date(now).toISOString().slice(0, 10) ? clock(ms) : `${day}, ${clock(ms)}`;
}

function clock(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}

function refused(
  why: string,
  more: {
    readonly hint: string;
    readonly untilMs?: number;
    readonly escalate?: boolean;
    readonly unproven?: string;
  },
): Allowance {
  const { hint, untilMs, escalate = false, unproven } = more;
  return {
    ok: false,
    why,
    hint,
    escalate,
    ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
    ...(unproven === undefined ? {} : { unproven }),
  };
}
