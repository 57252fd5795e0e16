import type { Evidence } from "../collect/evidence.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { Target } from "../topology/target.ts";
import type { CaseFile, HopCase } from "./case-file.ts";
import { isGatewayStatus } from "./client-view.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { makeCaseFile } from "./make-case-file.ts";
import { listNotChecked, SSH_CHECK } from "./not-checked.ts";
import { makeOnset } from "./onset.ts";
import { proposeRestart, whyNotOurs } from "./propose-restart.ts";
import { isFault } from "./proxy-lines.ts";
import { publicAdvice } from "./public-advice.ts";
import { type Ranked, rank } from "./rank.ts";
import type { Verdict } from "./rule.ts";

/** Below this a verdict is only a candidate: wrong is worse than unsure. */
const THRESHOLD = 0.55;
/** Error lines younger than this say that the fault is still there, even if our own requests were lucky. */
const STILL_THERE_SECONDS = 120;

/** The verdict on everything that was seen. Pure: the same evidence always gives the same answer. */
export function classify(input: {
  readonly target: Target;
  readonly evidence: Evidence;
  readonly playbooks: readonly Playbook[];
  readonly durationMs: number;
}): Diagnosis {
  const { target, evidence, playbooks, durationMs } = input;
  const file = makeCaseFile({ target, evidence, playbooks });
  const ranked = rank(file);
  const best = ranked[0];
  const seen = new Set(
    evidence.visits.flatMap(({ host, status }) => (status === "unreachable" ? [] : [host])),
  );
  const outcome = outcomeOf(file, best, { isBlind: target.proxies.every(({ host }) => !seen.has(host)) });
  const notChecked = listNotChecked(evidence, { playbooks, target });
  const named = outcome === "healthy" || outcome === "inconclusive" ? undefined : best;
  const cause = outcome === "not-a-gateway-error" && named?.rule !== "application-error" ? undefined : named;
  return {
    schema: "diagnose502/1",
    site: target.site,
    url: target.url,
    startedAt: evidence.startedAt,
    durationMs,
    client: { status: file.client.status, mintedBy: file.client.mintedBy },
    outcome,
    cause:
      cause === undefined
        ? null
        : {
            id: cause.rule,
            confidence: cause.verdict.confidence,
            hop: cause.verdict.hop,
            summary: cause.verdict.summary,
            restartHelps: cause.verdict.restart.helps,
            restartWhy: cause.verdict.restart.why,
            evidence: cause.verdict.for,
          },
    candidates: ranked.map(({ rule, verdict }) => ({
      id: rule,
      confidence: verdict.confidence,
      for: verdict.for,
      against: verdict.against ?? [],
    })),
    onset: makeOnset(file, evidence.startedAt),
    remediation: outcome === "fault" && cause !== undefined ? proposeRestart(cause.verdict, file) : null,
    advice:
      cause === undefined
        ? [...adviceWithoutCause(outcome, { ranked, notChecked }), ...publicAdvice(evidence.samples)]
        : adviceOf(cause.verdict, { outcome, file }),
    notChecked,
    hops: hopsOf(file, { outcome, cause: outcome === "fault" ? cause : undefined, seen }),
    findings: file.findings,
  };
}

/** What to do, and where a restart would help that we never offer, why it is not offered. */
function adviceOf(
  verdict: Verdict,
  { outcome, file }: { readonly outcome: Diagnosis["outcome"]; readonly file: CaseFile },
): readonly string[] {
  const wanted = outcome === "fault" && verdict.restart.helps !== "no";
  const refusal = wanted ? whyNotOurs(verdict, file) : undefined;
  return refusal === undefined ? verdict.advice : [...verdict.advice, refusal];
}

/** What would make the next look better: access, where it is missing; else what the likeliest causes ask for. */
function adviceWithoutCause(
  outcome: Diagnosis["outcome"],
  known: { readonly ranked: readonly Ranked[]; readonly notChecked: Diagnosis["notChecked"] },
): readonly string[] {
  const access = known.notChecked.flatMap(({ check, fix }) =>
    outcome === "inconclusive" && check === SSH_CHECK && fix !== undefined ? [fix] : [],
  );
  if (access.length > 0) return [...new Set(access)];
  return [...new Set(known.ranked.slice(0, 2).flatMap(({ verdict }) => verdict.advice))];
}

/** `isBlind`: no proxy could be looked at, so that a good answer is all there is. */
function outcomeOf(
  file: CaseFile,
  best: Ranked | undefined,
  { isBlind }: { readonly isBlind: boolean },
): Diagnosis["outcome"] {
  const { client } = file;
  const good = client.status !== null && client.badShare === 0;
  if (good) {
    const lines = file.hops.flatMap((hop) => hop.lines.filter(({ signal }) => isFault(signal)));
    const newest = Math.min(...lines.map(({ ageSeconds }) => ageSeconds ?? 0));
    const standing = best !== undefined && best.verdict.confidence >= THRESHOLD;
    if (best?.verdict.isOver) return "recovered";
    if (newest <= STILL_THERE_SECONDS) return standing ? "fault" : "inconclusive";
    if (lines.length > 0 || hadErrors(file.hops)) return "recovered";
    if ((client.status ?? 0) >= 400) return "not-a-gateway-error";
    return isBlind ? "inconclusive" : "healthy";
  }
  if (best === undefined || best.verdict.confidence < THRESHOLD) return "inconclusive";
  const answered = client.status !== null && !isGatewayStatus(client.status);
  return best.rule === "application-error" && answered ? "not-a-gateway-error" : "fault";
}

/** Older error lines, or gateway errors in the access log: something was wrong and is over. */
function hadErrors(hops: readonly HopCase[]): boolean {
  return hops.some(
    ({ staleLines, access }) =>
      staleLines.some(({ signal }) => isFault(signal)) ||
      (!access.mixed && access.entries.some(({ status }) => isGatewayStatus(status))),
  );
}

/**
 * The chain for the picture: everything in front of the broken hop works, and so does what is behind it as far as we saw. A
 * member that does not listen is down whichever member the verdict names; a host we could not look at is unknown.
 */
function hopsOf(
  file: CaseFile,
  known: {
    readonly outcome: Diagnosis["outcome"];
    readonly cause: Ranked | undefined;
    readonly seen: ReadonlySet<string>;
  },
): Diagnosis["hops"] {
  const { outcome, cause, seen } = known;
  const broken = cause?.verdict.hop;
  const state = (isBroken: boolean, host: string): "ok" | "broken" | "unknown" => {
    if (isBroken) return "broken";
    const isUnseen = file.target.proxies.some((proxy) => proxy.host === host) && !seen.has(host);
    return outcome === "inconclusive" || isUnseen ? "unknown" : "ok";
  };
  const proxies = file.hops.map((hop, n): Diagnosis["hops"][number] => ({
    name: hop.proxy.route?.playbook ?? hop.proxy.owner?.playbook ?? "proxy",
    host: hop.proxy.host,
    state:
      isStopped(hop) && cause?.hop !== hop
        ? "unknown"
        : state(broken === "proxy" && cause?.hop === hop, hop.proxy.host),
    ...(file.hops[n - 1]?.depth === hop.depth ? { beside: true as const } : {}),
  }));
  const members = file.hops
    .filter(({ isInnermost }) => isInnermost)
    .flatMap(({ members: list }) => list)
    .map((member) => {
      const isMeant =
        (broken === "upstream" || broken === "proxy->upstream") &&
        (cause?.verdict.member === undefined || cause.verdict.member === member);
      const host = member.hop.host ?? member.label;
      return {
        name: member.hop.owner?.name ?? member.label,
        host,
        state: state(isMeant || member.hop.listening === "no", host),
      };
    });
  // several proxies that share their members: each is one hop, down when anybody found it so
  const distinct = [...Map.groupBy(members, ({ name, host }) => `${host} ${name}`).values()].flatMap(
    (same) => {
      const worst = same.find((member) => member.state === "broken") ?? same[0];
      return worst === undefined ? [] : [worst];
    },
  );
  const sideBySide = distinct.map((member, n) => (n === 0 ? member : { ...member, beside: true as const }));
  return [...proxies, ...sideBySide, ...(broken === "upstream->dependency" ? dependencyHop(cause) : [])];
}

/** Whoever answers, it is not this proxy. */
function isStopped({ proxy: { listening, owner } }: HopCase): boolean {
  return listening === "no" && owner?.processes.length === 0;
}

function dependencyHop(cause: Ranked | undefined): Diagnosis["hops"] {
  const dependency = cause?.verdict.dependency;
  const name = dependency?.owner?.name ?? dependency?.playbook ?? "dependency";
  return [{ name, host: dependency?.host ?? "", state: "broken" }];
}
