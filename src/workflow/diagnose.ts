import timers from "node:timers/promises";
import { isBad } from "../classify/client-view.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { Collect } from "../collect/collect.ts";
import type { Evidence } from "../collect/evidence.ts";
import type { OnProgress } from "../collect/progress.ts";
import { collectSamples, type PublicHttp } from "../collect/public-probe.ts";
import type { Redact } from "../collect/redact.ts";
import type { DiagnosisRequest, HostAccess } from "../intake/diagnosis-request.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { Target } from "../topology/target.ts";
import { createTurnstile } from "../turnstile.ts";

/** A slow site must not hold up the looks: round 2 starts after this long even if a sample is still waiting. */
const SAMPLES_HEAD_START_MS = 2500;

export interface DiagnoseOutcome {
  readonly evidence: Evidence;
  readonly target: Target;
  readonly diagnosis: Diagnosis;
}

/**
 * One diagnosis from request to verdict: two rounds of looks and the public samples, then pure reasoning. The samples come
 * before the second round reads the logs, so that the lines they cause are in what is read.
 */
export function createDiagnose(edges: {
  readonly createCollect: () => Collect;
  readonly http: PublicHttp;
  /** For what the site answers; the usual one unless told. */
  readonly redact?: Redact;
  readonly playbooks: readonly Playbook[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}) {
  const { createCollect, http, playbooks, redact, now } = edges;
  /** Reasoning takes tens of milliseconds at a stretch: of fifty diagnoses, one at a time. */
  const turnstile = createTurnstile();

  async function inTurn<Thought>(think: () => Thought): Promise<Thought> {
    await turnstile.enter();
    try {
      return think();
    } finally {
      turnstile.leave();
    }
  }

  return async function diagnose(
    request: DiagnosisRequest,
    options: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
  ): Promise<DiagnoseOutcome> {
    const startedMs = now();
    const collect = createCollect();
    try {
      const sampling = collectSamples({
        http,
        url: request.url,
        pinnedAddresses: request.pinnedAddresses,
        ...(redact === undefined ? {} : { redact }),
        ...options,
      });
      const opening = collect.open(hostsOf(request), options);
      // whichever fails first speaks; the other must not become an unhandled rejection
      sampling.catch(() => undefined);
      opening.catch(() => undefined);
      const { makePlan, makeTarget, diagnoseEvidence } = await loadReasoning();
      await opening;
      const opener = await inTurn(() => makePlan({ playbooks, request, round: 1 }));
      const first = await collect.round(opener.plans, options);
      const early = await Promise.race([
        sampling,
        timers.setTimeout(SAMPLES_HEAD_START_MS, undefined, { ref: false }),
      ]);
      const isFailing = early?.some(isBad) ?? true;
      const target = await inTurn(() =>
        makeTarget({ request, results: first.results, visits: first.visits, playbooks }),
      );
      const plan = await inTurn(() => makePlan({ playbooks, request, round: 2, target, isFailing }));
      const second = await collect.round(plan.plans, options);
      const evidence: Evidence = {
        request,
        startedAt: new Date(startedMs).toISOString(),
        visits: second.visits,
        results: [...first.results, ...second.results],
        samples: await sampling,
      };
      options.onProgress({ kind: "classifying" });
      const thought = await inTurn(() =>
        diagnoseEvidence(evidence, { playbooks, durationMs: now() - startedMs }),
      );
      return { evidence, ...thought };
    } finally {
      collect.close();
    }
  };
}

/** Half of the program, loaded only here: until the hosts have answered there is nothing to reason about. */
async function loadReasoning() {
  const [{ makePlan }, { makeTarget }, { diagnoseEvidence }] = await Promise.all([
    import("../plan/make-plan.ts"),
    import("../topology/make-target.ts"),
    import("./diagnose-evidence.ts"),
  ]);
  return { makePlan, makeTarget, diagnoseEvidence };
}

/** Every machine of the request once, proxies first. */
function hostsOf({ proxies, upstreams }: DiagnosisRequest): readonly HostAccess[] {
  const byName = new Map([...proxies, ...upstreams].map((host) => [host.name, host]));
  return [...byName.values()];
}
