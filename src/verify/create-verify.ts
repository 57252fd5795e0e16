import type { Intent, Verification } from "../approval/intent.ts";
import { isBad } from "../classify/client-view.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { PublicSample } from "../collect/evidence.ts";
import type { OnProgress } from "../collect/progress.ts";
import type { PublicHttp } from "../collect/public-probe.ts";
import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import { OperatorError } from "../operator-error.ts";
import type { ServiceControl } from "../remediate/service-control.ts";
import {
  type Check,
  checkListener,
  checkProxyToUpstream,
  hopsOfService,
  type Look,
  type SeenUnit,
  seenUnit,
} from "./read-proof.ts";
import type { Verify } from "./verify.ts";

const PUBLIC_COUNT = 5;
/** A proxy that took a member out of rotation takes it back in its own time: nginx after `fail_timeout`, 10 s unless told. */
const ROTATION_MS = 40_000;
/** Applications that load for long are given so much time to listen. */
const SETTLE_MS = 90_000;
const LOOK_AGAIN_AFTER_MS = 2000;
const SOAK_SAMPLE_EVERY_MS = 3000;
const SAMPLE_LIMITS = { timeoutMs: 8000, connectTimeoutMs: 4000 };

interface Edges {
  readonly diagnose: (
    request: DiagnosisRequest,
    options: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
  ) => Promise<Look>;
  readonly http: PublicHttp;
  /** For services without a unit: the looks know their processes, not their starts. */
  readonly read: ServiceControl["read"];
  /** What a proof is stamped with: it may be set meanwhile. */
  readonly now: () => number;
  /** Milliseconds of a clock that cannot be set: what durations are measured by. */
  readonly steady: () => number;
  /** Ends early when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How long a site must stay well. */
  readonly soakMsOf: (site: string) => number;
}

/**
 * Looks again, with the same looks as before, until the service runs anew, listens and is reached, or a minute and a half have passed;
 * then asks the public URL until five answers in a row are well, for at most 40 s; then watches it. The first check that fails ends the
 * proof: `unproven`.
 */
export function createVerify(edges: Edges): Verify {
  const { http, now, steady, wait } = edges;

  /** Undefined when the hosts could not be looked at, or the time is over. */
  async function look(request: DiagnosisRequest, signal: AbortSignal): Promise<Look | undefined> {
    try {
      return await edges.diagnose(request, { onProgress: () => undefined, signal });
    } catch (error) {
      if (signal.aborted || error instanceof OperatorError) return undefined;
      throw error;
    }
  }

  async function lookAtUnit(
    { intent, request }: Proof,
    seen: Look | undefined,
    signal: AbortSignal,
  ): Promise<SeenUnit | undefined> {
    if (intent.service.manager === "systemd") {
      return seen === undefined ? undefined : seenUnit(hopsOfService(seen.target, intent));
    }
    const host = [...request.proxies, ...request.upstreams].find(({ name }) => name === intent.host);
    if (host === undefined) return undefined;
    const reading = await edges.read(host, intent.service, { resetBudget: false, proxyUnits: [], signal });
    if (reading.kind !== "read") return { invocation: "", isActive: false, state: reading.why };
    const { invocation } = reading.identity;
    return { invocation, isActive: reading.state === "running", state: reading.state };
  }

  async function checkHops(proof: Proof, signal: AbortSignal) {
    const { intent, before } = proof;
    const giveUpAt = steady() + SETTLE_MS;
    for (;;) {
      const seen = await look(proof.request, signal);
      const unit = await lookAtUnit(proof, seen, signal);
      const hops = seen === undefined ? [] : hopsOfService(seen.target, intent);
      const checks: readonly Check[] = [
        checkUnit(proof, unit),
        checkListener(hops, hopBefore(before, intent)),
        seen === undefined
          ? { hop: "proxy→upstream", before: before.cause?.summary ?? "", after: "could not look", ok: false }
          : checkProxyToUpstream(hops, seen, before.cause?.summary ?? ""),
      ];
      if (checks.every(({ ok }) => ok) || steady() >= giveUpAt || signal.aborted) return { checks, unit };
      await wait(LOOK_AGAIN_AFTER_MS, signal);
    }
  }

  async function sample(url: string, signal: AbortSignal): Promise<PublicSample | undefined> {
    try {
      return await http.sample(url, { ...SAMPLE_LIMITS, signal });
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async function checkPublic({ before, request }: Proof, signal: AbortSignal): Promise<Check> {
    const giveUpAt = steady() + ROTATION_MS;
    for (;;) {
      const samples: (PublicSample | undefined)[] = [];
      for (let n = 0; n < PUBLIC_COUNT; n++) samples.push(await sample(request.url, signal));
      const good = samples.filter(isWell).length;
      const ok = good === PUBLIC_COUNT;
      if (!ok && steady() < giveUpAt && !signal.aborted) {
        await wait(LOOK_AGAIN_AFTER_MS, signal);
        continue;
      }
      return {
        hop: "public URL",
        before: sayStatus(before.client.status),
        after: `${good} of ${PUBLIC_COUNT} well: ${samples.map((one) => sayStatus(one?.status ?? null)).join(", ")}`,
        ok,
      };
    }
  }

  /** The site stays well, and it is still the same start of the service that answers. */
  async function soak(proof: Proof, unit: SeenUnit | undefined, signal: AbortSignal): Promise<Check> {
    const { intent, request } = proof;
    const begunAt = steady();
    const endsAt = begunAt + edges.soakMsOf(intent.site);
    const about = { hop: "soak", before: "not well" };
    let count = 0;
    while (steady() < endsAt && !signal.aborted) {
      await wait(Math.min(SOAK_SAMPLE_EVERY_MS, endsAt - steady()), signal);
      const one = await sample(request.url, signal);
      count++;
      if (!isWell(one)) {
        return { ...about, after: `${sayStatus(one?.status ?? null)} after ${count} requests`, ok: false };
      }
    }
    const watchedMs = steady() - begunAt;
    const still = await lookAtUnit(proof, await look(request, signal), signal);
    if (still?.invocation !== unit?.invocation || !still?.isActive) {
      return { ...about, after: `${intent.identity.id} was started again meanwhile, or is down`, ok: false };
    }
    const after = `${count} requests in ${Math.round(watchedMs / 1000)} s were well, and the service kept running`;
    return { ...about, after, ok: !signal.aborted };
  }

  return async function verify(proof, { onCheck, signal }) {
    const checks: Check[] = [];
    const stateNow = (status: Verification["status"]): Verification => ({
      status,
      at: new Date(now()).toISOString(),
      checks: [...checks],
    });
    const hops = await checkHops(proof, signal);
    for (const check of hops.checks) {
      checks.push(check);
      await onCheck(stateNow("running"));
    }
    for (const next of [() => checkPublic(proof, signal), () => soak(proof, hops.unit, signal)]) {
      if (checks.some(({ ok }) => !ok)) return stateNow("unproven");
      checks.push(await next());
      await onCheck(stateNow("running"));
    }
    return stateNow(checks.every(({ ok }) => ok) ? "proven" : "unproven");
  };
}

type Proof = Parameters<Verify>[0];

/** Another start than the one people approved to end, and it runs. */
function checkUnit({ intent, before }: Proof, unit: SeenUnit | undefined): Check {
  const { id, invocation } = intent.identity;
  const finding = before.findings.find(
    ({ check, host, summary }) => check === "unit-state" && host === intent.host && summary.startsWith(id),
  );
  const isNew = unit !== undefined && unit.invocation !== "" && unit.invocation !== invocation;
  const after =
    unit === undefined
      ? "it could not be seen"
      : isNew
        ? `${unit.state}, started anew`
        : `${unit.state}, the old start`;
  return {
    hop: "unit",
    before: finding?.summary ?? `start ${invocation.slice(0, 8)}`,
    after,
    ok: isNew && unit.isActive,
  };
}

function hopBefore({ hops }: Diagnosis, { host }: Intent): string {
  return hops.findLast((hop) => hop.host === host)?.state ?? "unknown";
}

function isWell(one: PublicSample | undefined): boolean {
  return one !== undefined && !isBad(one);
}

function sayStatus(status: number | null): string {
  return status === null ? "no answer" : String(status);
}
