import type { CauseId } from "../classify/cause.ts";
import type { Intent, Verification } from "./intent.ts";
import { restartName } from "./restart-name.ts";

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
 * nothing. `history`: all intents of every service that were sent in the last 24 hours, and those before that are unsettled; a failed proof counts
 * as long as it is in it, until a person sets it aside.
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
    /** Whether that one restarted an upstream of the same group: one at a time there, and the next only after proof. */
    readonly isOfGroup: (other: Intent) => boolean;
  },
): Allowance {
  const { host, serviceId, cause, now, isOfGroup } = wanted;
  const sent = history.filter(mayHaveRestarted).filter(({ key }) => key !== wanted.key);
  const near = sent.filter((intent) => intent.host === host || isOfGroup(intent));
  const underWay = near.find((intent) => !isOver(intent, now));
  if (underWay !== undefined) {
    return refused(`${nameOf(underWay)} is being restarted or proven.`, {
      hint: "One at a time on a host, and for a site: the next one when that is proven.",
    });
  }
  const isMine = (intent: Intent) => intent.host === host && intent.identity.id === serviceId;
  const group = near.filter((intent) => isMine(intent) || isOfGroup(intent));
  const unproven = group.find(isUnproven);
  if (unproven !== undefined) {
    return refused(`The restart of ${restartName(unproven)} could not be proven to have helped.`, {
      hint: "There is no next one before somebody has looked at that service, and says so: “Allow restarts again”.",
      escalate: true,
      unproven: unproven.key,
    });
  }
  const mine = group.filter(isMine);
  const coolDownMs = Math.max(wanted.coolDownMs, LEAST_COOL_DOWN_MS);
  const cooling = coolDown([...mine, ...group.filter(isUnknown)], { coolDownMs, now });
  if (cooling !== undefined) return cooling;
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

/** A service that was restarted just now is given time, and so is a group in which nobody knows whether one was. */
function coolDown(
  sent: readonly Sent[],
  { coolDownMs, now }: { readonly coolDownMs: number; readonly now: number },
): Allowance | undefined {
  const last = sent.toSorted((a, b) => restartedByMs(b) - restartedByMs(a))[0];
  if (last === undefined) return undefined;
  const untilMs = restartedByMs(last) + coolDownMs;
  if (now >= untilMs) return undefined;
  const next = `the next is possible at ${clock(untilMs)}.`;
  return isUnknown(last)
    ? refused(`It is not known whether ${nameOf(last)} was restarted; ${next}`, {
        hint: `See on ${last.host} when it was started last, and look again.`,
        untilMs,
      })
    : refused(`${last.identity.id} was restarted at ${clock(sentMs(last))}; ${next}`, {
        hint: "Give it time, and look again.",
        untilMs,
      });
}

function isUnknown({ state }: Intent): boolean {
  return state === "unknown";
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

/** When it had happened at the latest: one that nobody knows of, until it was given up. */
function restartedByMs(intent: Sent): number {
  return isUnknown(intent) ? Date.parse(intent.endedAt ?? intent.sentAt) : sentMs(intent);
}

function nameOf({ identity, host }: Intent): string {
  return `${identity.id} on ${host}`;
}

function sentMs({ sentAt }: Sent): number {
  return Date.parse(sentAt);
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
