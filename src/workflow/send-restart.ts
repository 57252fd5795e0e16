import type { Intent } from "../approval/intent.ts";
import type { Intents } from "../approval/intents.ts";
import type { AuditEntry, AuditKind } from "../incident/audit.ts";
import type { NewNote } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { OperatorError } from "../operator-error.ts";
import type { RestartOutcome, ServiceControl } from "../remediate/service-control.ts";
import type { RestartLine } from "./advance-intent.ts";
import type { Clocks } from "./clocks.ts";
import { hostNamed } from "./offer-restart.ts";
import type { SiteBook } from "./site-book.ts";
import { ENDED, type Turn, waitFor } from "./turn.ts";

const BOT = { kind: "bot" } as const;
const ASK_AGAIN_MS = { atLeast: 500, atMost: 5000 } as const;
/** So long a host that cannot be reached is asked, whatever the wall clock says meanwhile; then the answer is "unknown". */
const ASK_FOR_MS = 15 * 60_000;

/** The only sender, and the one that finds out what became of a restart whose sender died. */
export interface SendRestart {
  /** For whoever has just moved the intent to `sent`, and nobody else. */
  send(
    intent: Intent,
    checked: { readonly host: HostAccess; readonly isFresh: () => boolean },
  ): Promise<Turn>;
  /** For whoever finds it `sent`: asks, never sends. */
  resolve(intent: Intent): Promise<Turn>;
}

export function createSendRestart(deps: {
  readonly intents: Intents;
  readonly incidents: Incidents;
  readonly control: ServiceControl;
  readonly sites: SiteBook;
  readonly clocks: Clocks;
  readonly touch: (incident: number) => void;
  /** A look was asked for: its run must not sleep on. */
  readonly wakeIncident: (incident: number) => void;
  readonly onLine: (line: RestartLine, key: string) => void;
}): SendRestart {
  const { intents, incidents, control, sites, clocks, touch, wakeIncident, onLine } = deps;
  const { now, steady } = clocks;
  /** Key → when this process asked about it first. */
  const asking = new Map<string, number>();

  async function settle(intent: Intent, outcome: RestartOutcome): Promise<Turn> {
    const { key, incident } = intent;
    const what = `the restart of ${intent.identity.id} on ${intent.host}`;
    const endedAt = new Date(now()).toISOString();
    const entry = (kind: AuditKind, text: string): AuditEntry => ({
      kind,
      actor: BOT,
      incident,
      intent: key,
      text,
    });
    const loud = (text: string): NewNote[] => [{ text, loud: true }];
    const { text } = outcome;
    const from = ["sent"] as const;
    switch (outcome.kind) {
      case "done": {
        const done = entry("restart-done", `The host reports ${what} done: ${text}`);
        await intents.move(key, { from, to: "done", outcome: text }, done, []);
        break;
      }
      case "failed": {
        const { hint } = outcome;
        const checks = [{ hop: "unit", before: "restart asked for", after: text, ok: false }];
        const verification = { status: "unproven", at: endedAt, checks } as const;
        await intents.move(
          key,
          { from, to: "done", outcome: text, hint, endedAt, verification },
          entry("restart-unproven", `${capital(what)} failed: ${text}`),
          loud(`${capital(what)} FAILED: ${text} ${hint} It is not tried again.`),
        );
        break;
      }
      case "refused": {
        const { hint } = outcome;
        await intents.move(
          key,
          { from, to: "refused", outcome: text, hint, endedAt },
          entry("restart-refused", `${intent.host} refused ${what}: ${text}`),
          loud(`${intent.host} refused ${what}; nothing was changed. ${text} ${hint}`),
        );
        break;
      }
      case "not-done":
        await intents.move(
          key,
          { from, to: "not-done", outcome: text, endedAt },
          entry("restart-not-done", `${capital(what)} never arrived: ${text}`),
          loud(`${capital(what)} never arrived, and cannot any more. Looking again, to ask anew.`),
        );
        await incidents.change(incident, { wantLook: { by: BOT } }, [], { whenOpen: true });
        wakeIncident(incident);
        break;
      case "unknown": {
        const { hint } = outcome;
        await intents.move(
          key,
          { from, to: "unknown", outcome: text, hint, endedAt },
          entry("restart-unknown", `It is not known whether ${what} happened: ${text}`),
          loud(`It is UNKNOWN whether ${what} happened. ${text} ${hint} It is not sent again.`),
        );
        break;
      }
      case "no-answer":
        return waitFor(askAgainMs(askedForMs(key)));
    }
    asking.delete(key);
    onLine("settled", key);
    touch(incident);
    return outcome.kind === "done" ? waitFor(0) : ENDED;
  }

  function askedForMs(key: string): number {
    const since = asking.get(key) ?? steady();
    asking.set(key, since);
    return steady() - since;
  }

  /** A site that is gone from the config and an ssh_config that is broken are silence like any other: it has an end. */
  async function ask(intent: Intent): Promise<RestartOutcome> {
    try {
      const host = hostNamed(intent.host, await sites.requestOf(intent.site));
      if (host !== undefined) return await control.ask(host, intent, {});
      return { kind: "no-answer", text: `${intent.host} is no longer a host of ${intent.site}.` };
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return { kind: "no-answer", text: error.message };
    }
  }

  return {
    async send(intent, { host, isFresh }) {
      const outcome = await control.restart(host, intent, { isFresh });
      onLine("answered", intent.key);
      return await settle(intent, outcome);
    },
    async resolve(intent) {
      const { key } = intent;
      const outcome = await ask(intent);
      onLine("asked", key);
      if (outcome.kind === "no-answer" && askedForMs(key) >= ASK_FOR_MS) {
        const hint = `On ${intent.host}, see when ${intent.identity.id} was started last.`;
        return await settle(intent, { kind: "unknown", text: outcome.text, hint });
      }
      return await settle(intent, outcome);
    },
  };
}

/** Soon at first: most lost answers are a lost connection. */
function askAgainMs(sinceMs: number): number {
  return Math.min(ASK_AGAIN_MS.atMost, Math.max(ASK_AGAIN_MS.atLeast, sinceMs / 2));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
