import { isGatewayStatus } from "../classify/client-view.ts";
import type { PublicSample } from "../collect/evidence.ts";
import { collectSamples, type PublicHttp } from "../collect/public-probe.ts";
import type { Incident } from "../incident/incident.ts";
import type { SiteBook } from "./site-book.ts";

/** Rounds of good answers in a row before the site counts as well. */
export const GOOD_ROUNDS = 3;

const MINUTE_MS = 60_000;

/** Asks the public URL of an incident once more. */
export type FollowUp = (
  incident: Pick<Incident, "site" | "url">,
  options: { readonly signal: AbortSignal },
) => Promise<{ readonly good: number; readonly asked: number }>;

export function createFollowUp({
  http,
  sites,
  redact,
}: {
  readonly http: PublicHttp;
  readonly sites: SiteBook;
  readonly redact: (text: string) => string;
}): FollowUp {
  return async ({ site, url }, { signal }) => {
    const { pinnedAddresses } = await sites.requestOf(site);
    const samples = await collectSamples({ http, url, pinnedAddresses, redact, signal });
    const counted = samples.filter(counts);
    return { good: counted.filter(isGood).length, asked: counted.length };
  };
}

/**
 * What visitors get. The address of a proxy's SSH need not serve the site (it is for management, TLS ends before it, a firewall admits only the
 * CDN), so no answer there says nothing; a gateway error does: an edge may hide it for a while.
 */
function counts({ via, status }: PublicSample): boolean {
  return via === "public" || (status !== null && isGatewayStatus(status));
}

/** The gateway passed on an answer of the application: whatever that says is not ours to judge. */
function isGood({ status }: PublicSample): boolean {
  return status !== null && !isGatewayStatus(status);
}

/** Often while people are watching, seldom when it has been broken for hours. */
export function followUpEveryMs({ openedAt }: Incident, now: number): number {
  const ageMs = now - Date.parse(openedAt);
  if (ageMs < 10 * MINUTE_MS) return MINUTE_MS / 3;
  if (ageMs < 120 * MINUTE_MS) return MINUTE_MS;
  return ageMs < 24 * 60 * MINUTE_MS ? 5 * MINUTE_MS : 15 * MINUTE_MS;
}
