import type { Intent } from "../approval/intent.ts";
import type { Intents } from "../approval/intents.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { StepCrashes } from "../incident/step-crashes.ts";
import type { AdvanceIncident } from "./advance-incident.ts";
import type { AdvanceIntent } from "./advance-intent.ts";
import type { Lane, RunKind, TakeTurn } from "./engine.ts";
import { isSettled } from "./is-settled.ts";
import type { Log } from "./log.ts";
import { type Turn, waitFor } from "./turn.ts";

const BOT = { kind: "bot" } as const;
/** A turn that failed or killed us this often is not tried again by itself. */
const MAX_TRIES = 3;
const PARKED_MS = 60_000;
const TAKEN_MS = 1000;

/** One turn of one run, counted: what kills the process each time is parked and shown to people. */
export function createTakeTurn(deps: {
  readonly advanceIncident: AdvanceIncident;
  readonly advanceIntent: AdvanceIntent;
  readonly incidents: Incidents;
  readonly intents: Intents;
  readonly crashes: StepCrashes;
  /** How many looks of an incident have their verdict, as this process knows. */
  readonly answered: (incident: number) => number;
  readonly log: Log;
  readonly now: () => number;
  readonly touch: (incident: number) => void;
}): TakeTurn {
  const { advanceIncident, advanceIntent, incidents, intents, crashes, answered, log, now, touch } = deps;

  async function parkIncident(number: number): Promise<Turn> {
    const incident = await incidents.find(number);
    if (incident === undefined || incident.state === "closed") return { done: true };
    // what failed is a question to the public URL: the diagnosis stands, and it is asked again
    if (incident.looksWanted === incident.looksDone) return waitFor(PARKED_MS);
    const hasVerdict = answered(number) >= incident.looksWanted;
    const message = `${hasVerdict ? "Reading the service" : "Looking"} failed ${MAX_TRIES} times in a row.`;
    const problem = { message, hint: "See the bot's log; then press “Look again”." };
    await incidents.change(
      number,
      { looksDone: incident.looksWanted, ...(hasVerdict ? { obstacle: problem } : { failure: problem }) },
      [{ kind: "step-parked", actor: BOT, incident: number, text: message }],
    );
    touch(number);
    return waitFor(PARKED_MS);
  }

  /** What was not sent yet is given up, and so is a proof; what was sent is asked for until that has its own end. */
  async function parkIntent(key: string): Promise<Turn | undefined> {
    const intent = await intents.find(key);
    if (intent?.state === "approved") return await parkApproved(intent);
    if (intent?.state === "done" && !isSettled(intent)) return await parkDone(intent);
    return undefined;
  }

  async function parkApproved(intent: Intent): Promise<Turn> {
    const outcome = `its last check failed ${MAX_TRIES} times in a row; nothing was sent.`;
    const text = `The restart of ${intent.identity.id} on ${intent.host} was not done: ${outcome}`;
    await intents.move(
      intent.key,
      { from: ["approved"], to: "superseded", outcome, endedAt: new Date(now()).toISOString() },
      { kind: "step-parked", actor: BOT, incident: intent.incident, intent: intent.key, text },
      [{ text, loud: true }],
    );
    touch(intent.incident);
    return { done: true };
  }

  async function parkDone({ key, incident, identity, host, verification }: Intent): Promise<Turn> {
    const at = new Date(now()).toISOString();
    const failed = {
      hop: "proof",
      before: "restarted",
      after: `failed ${MAX_TRIES} times in a row`,
      ok: false,
    };
    const checks = [...(verification?.checks ?? []), failed];
    const text = `The restart of ${identity.id} on ${host} is NOT PROVEN: its proof ${failed.after}.`;
    const hint = "It is not tried again. See the bot's log, and look at the service.";
    await intents.move(
      key,
      { from: ["done"], to: "done", hint, endedAt: at, verification: { status: "unproven", at, checks } },
      { kind: "restart-unproven", actor: BOT, incident, intent: key, text },
      [{ text: `${text} ${hint}`, loud: true }],
    );
    touch(incident);
    return { done: true };
  }

  /** An incident may have two runs, one of them for a look that a person asked for: they take turns. */
  const taking = new Set<string>();

  return async function takeTurn(kind, id, lane) {
    const name = `${kind}:${id}`;
    if (taking.has(name)) return waitFor(TAKEN_MS);
    taking.add(name);
    try {
      return await takeCounted(kind, id, lane);
    } finally {
      taking.delete(name);
    }
  };

  async function takeCounted(kind: RunKind, id: string, lane: Lane): Promise<Turn> {
    const tries = await crashes.begin(kind, id);
    if (tries > MAX_TRIES) {
      const parked = kind === "incident" ? await parkIncident(Number(id)) : await parkIntent(id);
      if (parked !== undefined) {
        await crashes.end(kind, id);
        return parked;
      }
    }
    try {
      const next = kind === "incident" ? await advanceIncident(Number(id), lane) : await advanceIntent(id);
      await crashes.end(kind, id);
      return next;
    } catch (error) {
      log.error({ run: kind, id, tries, reason: String(error) }, "a turn failed");
      // the engine stores what is thrown: our own words, without stack or host text
      throw new Error(`turn ${tries} of ${kind} ${id} failed; the log says why`);
    }
  }
}
