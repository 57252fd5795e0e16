import type { Intent } from "../approval/intent.ts";
import type { SendGuard } from "../approval/intents.ts";
import { digestOf, KEY_WORD } from "../approval/make-intent.ts";
import { isBad, ofVisitors } from "../classify/client-view.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import { collectSamples, type PublicHttp } from "../collect/public-probe.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { OperatorError } from "../operator-error.ts";
import type { ServiceControl } from "../remediate/service-control.ts";
import { CAUSE_TITLES } from "../report/cause-title.ts";
import { proxyUnitsOn } from "../topology/proxy-units.ts";
import { type Clocks, watchClock } from "./clocks.ts";
import type { Look, TakeLook } from "./look.ts";
import { hostNamed } from "./offer-restart.ts";
import { makeSendGuard, type RestartAllowed } from "./restart-allowed.ts";
import type { SiteBook } from "./site-book.ts";

/** What visitors got and the host said before is not what it is now. */
const FRESH_MS = 30_000;
const WELL_AGAIN = "the site is well again.";

/**
 * Whether the world is still the one that was approved. `look` is also the snapshot of what a restart would destroy. `isFresh` is asked
 * again right before each next thing: false when the process was held up or the clock was set meanwhile.
 */
export type Recheck = (
  intent: Intent,
  options: { readonly signal: AbortSignal },
) => Promise<
  | {
      readonly kind: "same";
      readonly look: Look;
      readonly host: HostAccess;
      readonly isFresh: () => boolean;
      /** For the claim: others may have been sent since. */
      readonly guard: SendGuard;
    }
  | { readonly kind: "changed"; readonly why: string }
>;

/**
 * The look may take a minute: the public URL is asked once more after it. The host is read last, right before it is changed: what it says is then
 * seconds old.
 */
export function createRecheck(deps: {
  readonly takeLook: TakeLook;
  readonly http: PublicHttp;
  readonly control: ServiceControl;
  readonly restartAllowed: RestartAllowed;
  readonly sites: SiteBook;
  /** SHA-256 over the config and the playbooks of this process. */
  readonly basis: string;
  readonly clocks: Clocks;
}): Recheck {
  const { takeLook, http, control, restartAllowed, sites, basis, clocks } = deps;

  /** A fault of some requests is not over because a few went well: then the look's word holds. */
  async function isWellAgain({ request: { url }, samples }: Look, signal: AbortSignal): Promise<boolean> {
    if (!ofVisitors(samples).every(isBad)) return false;
    const again = await collectSamples({ http, url, pinnedAddresses: [], signal });
    return !again.some(isBad);
  }

  return async (intent, { signal }) => {
    const clockSetBy = watchClock(clocks);
    const site = sites.find(intent.site);
    if (site === undefined) return changed(`${intent.site} is no longer in the config.`);
    if (intent.basis !== basis) return changed("the config or a playbook was changed since.");
    let look: Look;
    try {
      look = await takeLook(intent, { signal, onProgress: () => undefined });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return changed(`the hosts could not be looked at again: ${error.message}`);
    }
    const other = otherVerdict(intent, look.diagnosis);
    if (other !== undefined) return changed(other);

    const host = hostNamed(intent.host, look.request);
    if (host === undefined) return changed(`${intent.host} is no longer a host of ${intent.site}.`);
    const { coolDownMs, resetStartBudget } = site.restart;
    const { cause, identity, key } = intent;
    const about = { site: intent.site, target: look.target };
    const wanted = { ...about, host: intent.host, serviceId: identity.id, cause, coolDownMs, key };
    const allowed = await restartAllowed(wanted);
    if (!allowed.ok) return changed(allowed.why);
    const askedAt = clocks.steady();
    if (await isWellAgain(look, signal)) return changed(WELL_AGAIN);
    const reading = await control.read(host, intent.service, {
      resetBudget: resetStartBudget,
      proxyUnits: proxyUnitsOn(intent.host, look.target),
      signal,
    });
    if (reading.kind !== "read") return changed(reading.why);
    const { hostKey, risk, argv } = reading;
    const now = {
      ...intent,
      hostKey,
      identity: reading.identity,
      // one start more or less changes nothing that was approved
      risk: { ...risk, startsLeft: intent.risk.startsLeft },
      argv: argv.map((word) => (word === KEY_WORD ? intent.key : word)),
    };
    if (digestOf(now) !== intent.digest) return changed(whatDiffers(intent, now));
    const isFresh = () => clockSetBy() === 0 && clocks.steady() - askedAt <= FRESH_MS;
    return { kind: "same", look, host, isFresh, guard: makeSendGuard(wanted, clocks.now()) };
  };
}

function changed(why: string): { readonly kind: "changed"; readonly why: string } {
  return { kind: "changed", why };
}

function otherVerdict(intent: Intent, { outcome, cause, remediation }: Diagnosis): string | undefined {
  if (outcome === "healthy" || outcome === "recovered") return WELL_AGAIN;
  if (outcome !== "fault" || cause === null) return "the cause can no longer be seen.";
  if (cause.id !== intent.cause) return `the cause is now that ${CAUSE_TITLES[cause.id]}.`;
  if (!remediation?.recommended) return `a restart would no longer help: ${cause.restartWhy}`;
  if (remediation.host !== intent.host) return `it is now ${remediation.unit} on ${remediation.host}.`;
  return undefined;
}

function whatDiffers(before: Intent, now: Intent): string {
  const { id } = before.identity;
  if (before.hostKey !== now.hostKey) return `${before.host} presents another host key (${now.hostKey}).`;
  if (before.identity.bootId !== now.identity.bootId) return `${before.host} was rebooted since.`;
  if (id !== now.identity.id) return `${id} is now ${now.identity.id}.`;
  if (before.identity.invocation !== now.identity.invocation) return `${id} was started again since.`;
  if (before.risk.takesAlong.join() !== now.risk.takesAlong.join()) {
    return `a restart would now take ${now.risk.takesAlong.join(", ") || "nothing"} along.`;
  }
  return "what would run is no longer what was approved.";
}
