import type { PublicSample } from "../collect/evidence.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { CaseFile, ClientView } from "./case-file.ts";
import { mintedBy } from "./minted-by.ts";

const EDGE_STATUSES = [520, 521, 522, 523, 524, 525, 526, 527, 530];
const GATEWAY_STATUSES = new Set([502, 503, 504, ...EDGE_STATUSES]);

/** 502, 503, 504 and the 52x of edges: the statuses by which a gateway says that the next hop failed. */
export function isGatewayStatus(status: number): boolean {
  return GATEWAY_STATUSES.has(status);
}

/** What a visitor meets: no answer counts as bad, and so does any 5xx, whoever sent it. */
export function isBad(sample: PublicSample): boolean {
  return sample.status === null || sample.status >= 500;
}

/** What visitors met: those that were asked of pinned addresses count where there are no others. */
export function ofVisitors(samples: readonly PublicSample[]): readonly PublicSample[] {
  const asPublic = samples.filter(({ via }) => via === "public");
  return asPublic.length > 0 ? asPublic : samples;
}

/** The samples taken together: the bad answer people get, or the good one when there is no bad one. */
export function makeClientView(
  samples: readonly PublicSample[],
  options: { readonly playbooks: readonly Playbook[]; readonly find: CaseFile["find"]; readonly url: string },
): ClientView {
  const counted = ofVisitors(samples);
  const bad = counted.filter(isBad);
  const shown = mostCommon(bad) ?? mostCommon(counted);
  const { find, playbooks, url } = options;
  const share = counted.length === 0 ? 0 : bad.length / counted.length;
  if (shown === undefined) {
    const finding = find({ check: "public-probe", host: "public", summary: `${url} was not asked.` });
    return { status: null, mintedBy: "none", relayed: false, badShare: 0, finding };
  }
  const minter = mintedBy(shown, playbooks);
  const of = counted.length > 1 ? ` (${bad.length || counted.length} of ${counted.length} requests)` : "";
  const finding = find({
    check: "public-probe",
    host: "public",
    at: shown.at,
    summary:
      shown.status === null
        ? `${url} gave no answer${of}: ${shown.error?.message ?? "no reason known"}.`
        : `${url} answers ${shown.status}${of}.`,
  });
  return {
    status: shown.status,
    mintedBy: minter.by,
    ...(minter.playbook === undefined ? {} : { mintedByPlaybook: minter.playbook }),
    relayed: minter.relayed,
    badShare: share,
    ...(shown.error === undefined ? {} : { errorPhase: shown.error.phase, errorCode: shown.error.code }),
    finding,
  };
}

function mostCommon(samples: readonly PublicSample[]): PublicSample | undefined {
  const counts = new Map<number | null, number>();
  for (const { status } of samples) counts.set(status, (counts.get(status) ?? 0) + 1);
  const top = Math.max(...counts.values());
  return samples.find(({ status }) => counts.get(status) === top);
}
