import type { Diagnosis, Finding } from "../classify/diagnosis.ts";
import { CAUSE_TITLES } from "./cause-title.ts";
import { makeHeadline } from "./make-headline.ts";
import { makeMoment } from "./make-moment.ts";
import { makeRestartAdvice } from "./make-restart-advice.ts";
import type { NotChecked, OtherCause, Proof, Report } from "./report.ts";

const MAX_PROOF = 3;
const MAX_OTHERS = 3;
/** Below this a rejected candidate is not worth a tired person's eyes. */
const MIN_OTHER_CONFIDENCE = 0.05;

/** Puts a diagnosis into people's words. Summaries are the classifier's; quotes stay quotes. */
export function makeReport(diagnosis: Diagnosis): Report {
  const { site, url, outcome, hops, onset, startedAt, advice } = diagnosis;
  const proof = makeProof(diagnosis);
  const restart = makeRestartAdvice(diagnosis);
  return {
    site,
    url,
    outcome,
    headline: makeHeadline(diagnosis, restart),
    hops,
    restart,
    proof: proof.slice(0, MAX_PROOF),
    furtherProof: proof.slice(MAX_PROOF),
    since: makeSince(diagnosis),
    lastChange:
      onset.lastChange && outcome !== "healthy"
        ? { what: onset.lastChange.what, when: makeMoment(onset.lastChange.at, startedAt) }
        : null,
    advice,
    others: makeOthers(diagnosis),
    notChecked: groupNotChecked(diagnosis),
    facts: makeFacts(diagnosis),
  };
}

function makeProof({ cause, findings, startedAt }: Diagnosis): Proof[] {
  const byId = new Map(findings.map((finding) => [finding.id, finding]));
  const quoted = new Set<string>();
  return (cause?.evidence ?? []).flatMap((id) => {
    const finding = byId.get(id);
    return finding ? [proofOf(finding, startedAt, quoted)] : [];
  });
}

/** Findings of our own requests to the public URL have no machine of the site's. */
const OURSELVES = "public";

/** A line that proves two findings is quoted once. */
function proofOf({ summary, host, at, quote }: Finding, now: string, quoted: Set<string>): Proof {
  const isNew = quote !== undefined && quote.trim() !== "" && !quoted.has(quote);
  if (isNew) quoted.add(quote);
  return {
    says: summary,
    host: host === OURSELVES ? "from here" : host,
    ...(at === undefined ? {} : { when: makeMoment(at, now) }),
    ...(isNew ? { quote } : {}),
  };
}

/** Null where nothing is or was wrong: errors in a shared log are then another site's. */
function makeSince({ onset, outcome, startedAt }: Diagnosis): Report["since"] {
  if (outcome === "healthy" || outcome === "not-a-gateway-error") return null;
  const { first502At, share, perMinute = [] } = onset;
  if (first502At === undefined && share === undefined && perMinute.length === 0) return null;
  return {
    ...(first502At === undefined ? {} : { when: makeMoment(first502At, startedAt) }),
    ...(share === undefined ? {} : { percent: percentOf(share) }),
    shares: perMinute.map(({ errors, requests }) => (requests > 0 ? Math.min(1, errors / requests) : 0)),
  };
}

function makeOthers({ candidates, cause, findings, outcome }: Diagnosis): OtherCause[] {
  if (outcome !== "fault" && outcome !== "inconclusive") return [];
  const summaries = new Map(findings.map(({ id, summary }) => [id, summary]));
  const say = (ids: readonly string[]) => ids.flatMap((id) => summaries.get(id) ?? []);
  return candidates
    .filter(({ id, confidence }) => id !== cause?.id && confidence >= MIN_OTHER_CONFIDENCE)
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, MAX_OTHERS)
    .map((candidate) => ({
      title: CAUSE_TITLES[candidate.id],
      percent: percentOf(candidate.confidence),
      for: say(candidate.for),
      against: say(candidate.against),
    }));
}

/** One missing right often hides many looks: said once, with its one fix, unless that is what to do next anyway. */
function groupNotChecked({ notChecked, advice }: Diagnosis): NotChecked[] {
  const groups = Map.groupBy(notChecked, ({ host, reason, fix }) => JSON.stringify([host, reason, fix]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { host, reason, fix } = first;
    const checks = [...new Set(group.map(({ check }) => check))];
    const said = REASONS[reason] ?? reason;
    return [{ checks, host, reason: said, ...(fix === undefined || advice.includes(fix) ? {} : { fix }) }];
  });
}

/** Reasons that are a word in JSON. */
const REASONS: Readonly<Record<string, string>> = { permission: "not permitted" };

function makeFacts({ client, cause, durationMs }: Diagnosis): string[] {
  return [
    client.status === null ? "no HTTP answer" : `HTTP ${client.status}${MINTED_BY[client.mintedBy]}`,
    ...(cause ? [`${cause.id}, ${percentOf(cause.confidence)} % sure`] : []),
    // a recorded incident is weighed again, not looked at
    ...(durationMs > 0 ? [`looked for ${(durationMs / 1000).toFixed(1)} s`] : []),
  ];
}

const MINTED_BY = {
  edge: " from the edge",
  proxy: " from the proxy",
  app: " from the application",
  none: "",
} as const;

/** Never 100 or 0: nothing here is certain, and what is listed is possible. */
function percentOf(share: number): number {
  const percent = Math.round(share * 100);
  if (percent >= 100 && share < 1) return 99;
  if (percent <= 0 && share > 0) return 1;
  return percent;
}
