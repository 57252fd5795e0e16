import type { Evidence } from "../collect/evidence.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { Target } from "../topology/target.ts";
import type { CaseFile, HopCase } from "./case-file.ts";
import { isGatewayStatus } from "./client-view.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { makeCaseFile } from "./make-case-file.ts";
import { listNotChecked } from "./not-checked.ts";
import { makeOnset } from "./onset.ts";
import { proposeRestart } from "./propose-restart.ts";
import { isFault } from "./proxy-lines.ts";
import { type Ranked, rank } from "./rank.ts";

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
  const outcome = outcomeOf(file, best);
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
    advice: cause?.verdict.advice ?? ranked.slice(0, 2).flatMap(({ verdict }) => verdict.advice),
    notChecked: listNotChecked(evidence, { playbooks, target }),
    hops: hopsOf(file, outcome === "fault" ? cause : undefined),
    findings: file.findings,
  };
}

function outcomeOf(file: CaseFile, best: Ranked | undefined): Diagnosis["outcome"] {
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
    return "healthy";
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

/** The chain for the picture: everything in front of the broken hop works, everything behind it was not reached. */
function hopsOf(file: CaseFile, cause: Ranked | undefined): Diagnosis["hops"] {
  const broken = cause?.verdict.hop;
  const state = (own: boolean): "ok" | "broken" | "unknown" =>
    cause === undefined ? "ok" : own ? "broken" : "ok";
  const proxies = file.hops.map((hop) => ({
    name: hop.proxy.route?.playbook ?? hop.proxy.owner?.playbook ?? "proxy",
    host: hop.proxy.host,
    state: state(broken === "proxy" && cause?.hop === hop),
  }));
  const members = file.hops
    .filter(({ isInnermost }) => isInnermost)
    .flatMap(({ members: list }) => list)
    .map((member) => ({
      name: member.hop.owner?.name ?? member.label,
      host: member.hop.host ?? member.label,
      state: state(
        (broken === "upstream" || broken === "proxy->upstream") &&
          (cause?.verdict.member === undefined || cause.verdict.member === member),
      ),
    }));
  const dependencies =
    broken === "upstream->dependency"
      ? [
          {
            name: "dependency",
            host: file.target.dependencies[0]?.host ?? "unknown",
            state: "broken" as const,
          },
        ]
      : [];
  return [...proxies, ...members, ...dependencies];
}
