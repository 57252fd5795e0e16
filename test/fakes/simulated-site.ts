import type { Intent } from "../../src/approval/intent.ts";
import { KEY_WORD } from "../../src/approval/make-intent.ts";
import type { Evidence, PublicSample } from "../../src/collect/evidence.ts";
import type { OnProgress } from "../../src/collect/progress.ts";
import type { PublicHttp } from "../../src/collect/public-probe.ts";
import type { DiagnosisRequest } from "../../src/intake/diagnosis-request.ts";
import type { RestartOutcome, ServiceControl, ServiceReading } from "../../src/remediate/service-control.ts";
import type { Verify } from "../../src/verify/verify.ts";
import type { RuntimeEdges } from "../../src/workflow/create-runtime.ts";
import type { DiagnoseOutcome } from "../../src/workflow/diagnose.ts";
import { healthyDiagnosis, stoppedDiagnosis } from "./canned-diagnosis.ts";

/**
 * One site in memory, with the manners of a real host: an invocation that is new at each start, a marker per key that is taken once, and a
 * public URL that answers 502 until its service runs. Tests bend it between the steps of a conversation.
 */
export class SimulatedSite {
  isUp = false;
  invocation = "a".repeat(32);
  hostKey = `SHA256:${"k".repeat(43)}`;
  /** Keys that restarted the service, in order: the host's own log, and the judge. */
  readonly restarts: string[] = [];
  readonly taken = new Set<string>();
  /** Overrides what reading the service says. */
  refusal: ServiceReading | undefined;
  /** What the next restart answers, after it was done or instead. */
  answer: ((intent: Intent) => RestartOutcome | undefined) | undefined;
  healsOnRestart = true;
  looks = 0;
  /** Holds each look until it resolves. */
  hold: Promise<void> | undefined;
  /** Tells the look that is held how far it is. */
  progress: OnProgress | undefined;

  readonly control: ServiceControl = {
    read: async () =>
      this.refusal ?? {
        kind: "read",
        identity: { id: "app.service", invocation: this.invocation, bootId: "b".repeat(32) },
        hostKey: this.hostKey,
        risk: { takesAlong: [], startsLeft: 5, resetsBudget: false },
        argv: ["restart", "app.service", KEY_WORD, this.invocation],
        state: this.isUp ? "active (running)" : "inactive (dead)",
        helper: true,
      },
    restart: async (_host, intent) => {
      const told = this.answer?.(intent);
      if (told !== undefined && told.kind !== "no-answer") return told;
      const done = this.#restart(intent);
      return told ?? done;
    },
    ask: async (_host, intent) => {
      if (this.restarts.includes(intent.key)) return this.#done();
      this.taken.add(intent.key);
      return { kind: "not-done", text: "the host knows nothing of it." };
    },
    forget: async () => undefined,
  };

  readonly http: PublicHttp = { sample: async () => this.#sample() };

  readonly verify: Verify = async ({ intent }, { onCheck }) => {
    const at = new Date().toISOString();
    const unit = {
      hop: "unit",
      before: intent.identity.invocation.slice(0, 8),
      after: this.invocation.slice(0, 8),
      ok: this.invocation !== intent.identity.invocation,
    };
    await onCheck({ status: "running", at, checks: [unit] });
    const url = {
      hop: "public URL",
      before: "502",
      after: this.isUp ? "Asked directly, it answers 200." : "502",
      ok: this.isUp,
    };
    return { status: unit.ok && url.ok ? "proven" : "unproven", at, checks: [unit, url] };
  };

  readonly diagnose: RuntimeEdges["diagnose"] = async (request, { onProgress }) => {
    this.looks += 1;
    this.progress = onProgress;
    onProgress({ kind: "connecting", host: "origin-1" });
    onProgress({ kind: "looking", host: "origin-1", round: 1, looks: ["a", "b"] });
    onProgress({ kind: "looked", host: "origin-1", round: 1, look: "a", ok: true });
    await this.hold;
    return this.#outcome(request);
  };

  #restart(intent: Intent): RestartOutcome {
    if (this.taken.has(intent.key)) return { kind: "refused", text: "the key is used.", hint: "Look again." };
    if (intent.identity.invocation !== this.invocation) {
      return { kind: "refused", text: "the unit was started again since.", hint: "Look again." };
    }
    this.taken.add(intent.key);
    this.restarts.push(intent.key);
    this.invocation = intent.key;
    this.isUp = this.healsOnRestart;
    return this.#done();
  }

  #done(): RestartOutcome {
    const identity = { id: "app.service", invocation: this.invocation, bootId: "b".repeat(32) };
    return { kind: "done", identity, text: "restarted once." };
  }

  #sample(): PublicSample {
    return {
      via: "public",
      at: new Date().toISOString(),
      status: this.isUp ? 200 : 502,
      headers: {},
      bodyStart: "",
      phasesMs: { total: 1 },
    };
  }

  #outcome(request: DiagnosisRequest): DiagnoseOutcome {
    const at = new Date().toISOString();
    const evidence: Evidence = { request, startedAt: at, visits: [], results: [], samples: [] };
    const target = { site: request.site, url: request.url, proxies: [], dependencies: [], mismatches: [] };
    const about = { startedAt: at, host: "origin-1", unit: "app.service" };
    const diagnosis = this.isUp ? healthyDiagnosis(request, about) : stoppedDiagnosis(request, about);
    return { evidence, target, diagnosis };
  }
}
