import type { Intent, Verification } from "../approval/intent.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import { readConnect, readDirect } from "../classify/read-looks.ts";
import type { Evidence } from "../collect/evidence.ts";
import type { ProxyHop, Target, UpstreamHop } from "../topology/target.ts";

export type Check = Verification["checks"][number];

/** What one more look at the site and its hosts brought. */
export interface Look {
  readonly evidence: Evidence;
  readonly target: Target;
  readonly diagnosis: Diagnosis;
}

/** The restarted unit as a look shows it. */
export interface SeenUnit {
  /** New at each start; empty when it was never started, or is not there. */
  readonly invocation: string;
  readonly isActive: boolean;
  /** For people: `active (running)`. */
  readonly state: string;
}

/** The upstream hops that the service answers, in all chains. */
export function hopsOfService(target: Target, { host, identity, service }: Intent): readonly UpstreamHop[] {
  const hops = target.proxies.flatMap(function below({ upstreams }: ProxyHop): UpstreamHop[] {
    return upstreams.flatMap((hop) => [hop, ...(hop.proxy === undefined ? [] : below(hop.proxy))]);
  });
  const ofHost = hops.filter((hop) => hop.host === host);
  // the unit around it is its manager's, which stays
  if (service.manager !== "systemd") return ofHost;
  const owned = ofHost.filter(
    ({ owner }) => owner?.unit?.unit === identity.id || owner?.unit?.names.includes(identity.id),
  );
  // where no unit could be seen, the host alone tells
  return owned.length > 0 || ofHost.some(({ owner }) => owner?.unit !== undefined) ? owned : ofHost;
}

/** The unit, where the service is one. */
export function seenUnit(hops: readonly UpstreamHop[]): SeenUnit | undefined {
  const unit = hops.find(({ owner }) => owner?.unit !== undefined)?.owner?.unit;
  if (unit === undefined) return undefined;
  return {
    invocation: unit.invocationId ?? "",
    isActive: unit.activeState === "active",
    state: `${unit.activeState} (${unit.subState})`,
  };
}

/** Something listens again, on every address of the service. */
export function checkListener(hops: readonly UpstreamHop[], before: string): Check {
  const silent = hops.filter(({ listening }) => listening !== "yes");
  const labels = (list: readonly UpstreamHop[]) => list.map(({ member }) => member.label).join(", ");
  const after =
    hops.length === 0
      ? "no address of the service was found"
      : silent.length === 0
        ? `listens on ${labels(hops)}`
        : `nothing was seen to listen on ${labels(silent)}`;
  return { hop: "listener", before, after, ok: hops.length > 0 && silent.length === 0 };
}

/** The proxy gets through to the service: by our own connection and request from there, else by what visitors get. */
export function checkProxyToUpstream(hops: readonly UpstreamHop[], look: Look, before: string): Check {
  const told = hops.flatMap((hop) => {
    const says: string[] = [];
    const find = ({ summary }: { readonly summary: string }) => `${says.push(summary)}`;
    const connect = readConnect(look.evidence.results, hop, find);
    const direct = readDirect(look.evidence.results, hop, find);
    if (connect === undefined && direct === undefined) return [];
    const connected = connect === undefined || connect.outcome === "connected";
    const answered = direct === undefined || (direct.status !== null && direct.status < 500);
    return [{ ok: connected && answered, text: says.at(-1) ?? "" }];
  });
  if (told.length > 0) {
    const shown = told.find(({ ok }) => !ok) ?? told[0];
    return {
      hop: "proxy→upstream",
      before,
      after: shown?.text ?? "",
      ok: told.every(({ ok }) => ok),
    };
  }
  const { status } = look.diagnosis.client;
  const ok = status !== null && status < 500;
  return {
    hop: "proxy→upstream",
    before,
    after: ok ? `answers reach visitors (${status})` : "no answer",
    ok,
  };
}
