import type { Intent, IntentState } from "../approval/intent.ts";
import type { Intents, IntentUpdate } from "../approval/intents.ts";
import type { AuditKind } from "../incident/audit.ts";
import type { NewNote } from "../incident/incident.ts";
import { isAhead } from "./clocks.ts";
import { isSettled } from "./is-settled.ts";
import type { ProveRestart } from "./prove-restart.ts";
import type { Recheck } from "./recheck.ts";
import type { SendRestart } from "./send-restart.ts";
import { ENDED, type Turn, waitFor } from "./turn.ts";

const BOT = { kind: "bot" } as const;
const RECHECK_DEADLINE_MS = 90_000;
const WAIT_FOR_OTHERS_MS = 5000;

/** The places where a process may die, in the order they are passed; tests kill it there. */
export type RestartLine =
  | "rechecked"
  | "claimed"
  | "answered"
  | "settled"
  | "asked"
  | "proving"
  | "proven"
  | "closed";

/**
 * Does the next thing an offered restart needs, by its row alone. It may be called again at any moment: only whoever moves the row from
 * `approved` to `sent` sends, and whoever finds it `sent` asks the host and never sends.
 */
export type AdvanceIntent = (key: string) => Promise<Turn>;

export function createAdvanceIntent(deps: {
  readonly intents: Intents;
  readonly recheck: Recheck;
  readonly sendRestart: SendRestart;
  readonly proveRestart: ProveRestart;
  readonly now: () => number;
  readonly touch: (incident: number) => void;
  readonly onLine: (line: RestartLine, key: string) => void;
}): AdvanceIntent {
  const { intents, recheck, sendRestart, proveRestart, now, touch, onLine } = deps;

  /** Moves it to an end before anything was sent. */
  async function end(
    intent: Intent,
    to: IntentState & ("expired" | "superseded"),
    update: IntentUpdate & { readonly outcome: string },
  ): Promise<Turn> {
    const kind: AuditKind = to === "expired" ? "restart-expired" : "restart-superseded";
    const text = `The restart of ${intent.identity.id} on ${intent.host} was not done: ${update.outcome}`;
    const note: NewNote = { text, loud: intent.state === "approved" };
    const ended = await intents.move(
      intent.key,
      { from: [intent.state], to, endedAt: iso(now()), ...update },
      { kind, actor: BOT, incident: intent.incident, intent: intent.key, text },
      [note],
    );
    // somebody decided in the same moment, and that stands: its run must not end here
    if (ended === undefined) return waitFor(0);
    touch(intent.incident);
    return ENDED;
  }

  /** A limit of time means nothing any more. */
  async function endUndated(intent: Intent, what: "question" | "approval"): Promise<Turn> {
    const outcome = `the bot's clock was set back, or another replica's is ahead: how old the ${what} is cannot be told.`;
    return await end(intent, "superseded", { outcome, hint: "Set the clock right, and look again." });
  }

  async function sendIfSame(intent: Intent): Promise<Turn> {
    const { key, sendBy = intent.approveBy, approvedAt = intent.createdAt } = intent;
    if (isAhead(approvedAt, now())) return await endUndated(intent, "approval");
    if (now() >= Date.parse(sendBy)) {
      return await end(intent, "expired", { outcome: "it could not be sent in time after the approval." });
    }
    if (await isOtherUnderWay(intent)) return waitFor(WAIT_FOR_OTHERS_MS);
    const checked = await recheck(intent, { signal: AbortSignal.timeout(RECHECK_DEADLINE_MS) });
    if (checked.kind === "changed") return await end(intent, "superseded", { outcome: checked.why });
    onLine("rechecked", key);
    if (now() >= Date.parse(sendBy) || !checked.isFresh()) return waitFor(0);

    const claimed = await intents.move(
      key,
      { from: ["approved"], to: "sent", sentAt: iso(now()) },
      {
        kind: "restart-sent",
        actor: BOT,
        incident: intent.incident,
        intent: key,
        text: `Restarting ${intent.identity.id} on ${intent.host}.`,
        details: {
          argv: intent.argv,
          digest: intent.digest,
          hostKey: intent.hostKey,
          snapshot: checked.look.id,
        },
      },
      [],
      {
        history: checked.guard.history,
        allows: (sent) => !sent.some((other) => isInTheWay(other, intent)) && checked.guard.allows(sent),
      },
    );
    // somebody was here first, with this one or with another: whatever they did, it is not sent now
    if (claimed === undefined) return waitFor(0);
    onLine("claimed", key);
    touch(intent.incident);
    return await sendRestart.send(claimed, checked);
  }

  async function isOtherUnderWay(intent: Intent): Promise<boolean> {
    const open = await intents.open();
    return open.some((other) => isInTheWay(other, intent));
  }

  return async function advanceIntent(key) {
    const intent = await intents.find(key);
    if (intent === undefined) return ENDED;
    switch (intent.state) {
      case "awaiting": {
        if (isAhead(intent.createdAt, now())) return await endUndated(intent, "question");
        const leftMs = Date.parse(intent.approveBy) - now();
        if (leftMs > 0) return waitFor(leftMs);
        return await end(intent, "expired", { outcome: "nobody approved it in time." });
      }
      case "approved":
        return await sendIfSame(intent);
      case "sent":
        return await sendRestart.resolve(intent);
      case "done":
        return isSettled(intent) ? ENDED : await proveRestart(intent);
      case "refused":
      case "not-done":
      case "unknown":
      case "denied":
      case "expired":
      case "superseded":
        return ENDED;
    }
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** One member of a site at a time, and one change on a host at a time. That the proof must not have failed, the limits say. */
function isInTheWay(other: Intent, intent: Intent): boolean {
  const isRelated = other.site === intent.site || other.host === intent.host;
  const isUnderWay = other.state === "sent" || (other.state === "done" && !isSettled(other));
  return other.key !== intent.key && isRelated && isUnderWay;
}
