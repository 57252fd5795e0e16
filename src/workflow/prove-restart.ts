import type { Intent, Verification } from "../approval/intent.ts";
import type { Intents } from "../approval/intents.ts";
import type { Diagnoses } from "../classify/diagnoses.ts";
import type { AuditEntry } from "../incident/audit.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import { OperatorError } from "../operator-error.ts";
import type { ServiceControl } from "../remediate/service-control.ts";
import type { Verify } from "../verify/verify.ts";
import type { RestartLine } from "./advance-intent.ts";
import { hostNamed } from "./offer-restart.ts";
import type { SiteBook } from "./site-book.ts";
import { ENDED, type Turn } from "./turn.ts";

const BOT = { kind: "bot" } as const;
/** The longest soak that can be configured, and the checks around it. */
const PROOF_DEADLINE_MS = 18 * 60_000;

/** Proves a restart that was done, and says loudly when it cannot be proven. */
export type ProveRestart = (intent: Intent) => Promise<Turn>;

export function createProveRestart(deps: {
  readonly intents: Intents;
  readonly incidents: Incidents;
  readonly diagnoses: Diagnoses;
  readonly control: ServiceControl;
  readonly verify: Verify;
  readonly sites: SiteBook;
  readonly now: () => number;
  readonly touch: (incident: number) => void;
  /** A look was asked for: its run must not sleep on. */
  readonly wakeIncident: (incident: number) => void;
  readonly onLine: (line: RestartLine, key: string) => void;
}): ProveRestart {
  const { intents, incidents, diagnoses, control, verify, sites, now, touch, wakeIncident, onLine } = deps;

  /** False when another replica came to an end meanwhile: that one stands, whatever was seen here. */
  async function save(intent: Intent, verification: Verification): Promise<boolean> {
    const { key, incident, identity, host } = intent;
    const isEnd = verification.status !== "running";
    const isProven = verification.status === "proven";
    const failed = verification.checks.filter(({ ok }) => !ok);
    const what = `The restart of ${identity.id} on ${host}`;
    const text = isProven
      ? `${what} is proven: ${sayChecks(verification.checks)}.`
      : `${what} is NOT PROVEN: ${sayChecks(failed) || "its proof did not end"}.`;
    const hint =
      "It is not tried again. Somebody must look: the evidence from before the restart is in this thread.";
    const audit: AuditEntry = {
      kind: isEnd ? (isProven ? "restart-proven" : "restart-unproven") : "restart-done",
      actor: BOT,
      incident,
      intent: key,
      text: isEnd ? text : `${what} is being proven.`,
      details: { checks: verification.checks.map((check) => ({ ...check })) },
    };
    const saved = await intents.move(
      key,
      {
        from: ["done"],
        to: "done",
        verification,
        ...(isEnd ? { endedAt: new Date(now()).toISOString() } : {}),
        ...(isEnd && !isProven ? { hint } : {}),
      },
      audit,
      isEnd ? [{ text: isProven ? text : `${text} ${hint}`, loud: !isProven }] : [],
    );
    touch(incident);
    return saved !== undefined;
  }

  return async function proveRestart(intent) {
    const { key, incident, site } = intent;
    const before = await diagnoses.find(intent.diagnosis);
    if (before === undefined) {
      await save(intent, { status: "unproven", at: new Date(now()).toISOString(), checks: [] });
      return ENDED;
    }
    onLine("proving", key);
    let request: DiagnosisRequest;
    try {
      request = await sites.requestOf(site);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const after = `could not look: ${error.message.replace(/\.$/, "")}`;
      const checks = [{ hop: "unit", before: "restarted", after, ok: false }];
      await save(intent, { status: "unproven", at: new Date(now()).toISOString(), checks });
      return ENDED;
    }
    const late = new AbortController();
    const verification = await verify(
      { intent, request, before },
      {
        onCheck: async (so) => {
          if (!(await save(intent, so))) late.abort();
        },
        signal: AbortSignal.any([late.signal, AbortSignal.timeout(PROOF_DEADLINE_MS)]),
      },
    );
    if (!(await save(intent, verification))) return ENDED;
    onLine("proven", key);
    const host = hostNamed(intent.host, request);
    if (host !== undefined) await control.forget(host, intent);
    if (verification.status === "proven") {
      const because = `${intent.identity.id} on ${intent.host} was restarted, and the site is proven to work again.`;
      await incidents.change(
        incident,
        { state: "closed", closedBecause: because },
        [{ kind: "incident-closed", actor: BOT, incident, text: because }],
        { whenOpen: true },
      );
    } else {
      await incidents.change(incident, { wantLook: { by: BOT } }, [], { whenOpen: true });
      wakeIncident(incident);
    }
    touch(incident);
    onLine("closed", key);
    return ENDED;
  };
}

/** Each hop with what was seen of it, in one sentence. */
function sayChecks(checks: Verification["checks"]): string {
  return checks.map(({ hop, after }) => `${hop}: ${after.replace(/\.$/, "")}`).join("; ");
}
