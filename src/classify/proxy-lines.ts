import { isIPv4 } from "node:net";
import type { Evidence } from "../collect/evidence.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { Signal } from "../playbook/signal.ts";
import { parserOf } from "../topology/parsers.ts";
import type { ProxyHop, Target, UpstreamAddress } from "../topology/target.ts";
import type { AccessSummary, HopCase, LogHit } from "./case-file.ts";
import type { LogBook } from "./log-book.ts";
import { hostOf, readAccess } from "./read-access.ts";
import { clockOf } from "./read-logs.ts";

/** Lines this close to the newest one belong to the same failure; our own requests usually caused the newest. */
const CLUSTER_SECONDS = 60;
/** A fault that left no line for this long is over. */
export const WINDOW_SECONDS = 900;

/** Signals about the proxy as a whole, whichever site the line stands under. */
const PROXY_WIDE = new Set<Signal>([
  "proxy-config-invalid",
  "proxy-bind-failed",
  "proxy-out-of-files",
  "proxy-out-of-connections",
  "proxy-workers-exhausted",
  "proxy-worker-crashed",
  "disk-full",
]);

/** Signals that say nothing went wrong at the gateway. */
const HARMLESS = new Set<Signal>(["noise", "client-gave-up", "peer-up", "app-error", "unit-started"]);

export function isFault(signal: Signal): boolean {
  return !HARMLESS.has(signal);
}

/** A proxy's lines sorted into those of this incident, older ones, and those about the proxy itself; and its access log. */
export function readProxyLines(
  proxy: ProxyHop,
  view: {
    readonly target: Target;
    readonly evidence: Evidence;
    readonly playbooks: readonly Playbook[];
    readonly logs: LogBook;
  },
): Pick<HopCase, "lines" | "staleLines" | "ownLines" | "access"> {
  const host = siteHostOf(view.target);
  const all = view.logs.proxyLines(proxy).toSorted((a, b) => (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0));
  const own = all.filter((hit) => PROXY_WIDE.has(hit.signal) || hit.signal.startsWith("unit-"));
  const site = all.filter((hit) => !own.includes(hit) && isOurs(hit, proxy, host));
  const newest = Math.min(...site.filter(({ signal }) => isFault(signal)).map(age));
  const isCurrent = (hit: LogHit) => age(hit) <= Math.min(newest + CLUSTER_SECONDS, WINDOW_SECONDS);
  return {
    lines: site.filter(isCurrent),
    staleLines: site.filter((hit) => !isCurrent(hit)),
    ownLines: own.filter((hit) => age(hit) <= WINDOW_SECONDS || hit.signal === "proxy-config-invalid"),
    access: readAccessLog(proxy, { evidence: view.evidence, host, playbooks: view.playbooks }),
  };
}

/** What this site's application complains about in the proxy's own error log. */
export function readRelayedLines(
  proxy: ProxyHop,
  { target, logs }: { readonly target: Target; readonly logs: LogBook },
): readonly LogHit[] {
  return logs.relayedLines(proxy).filter((hit) => isOurs(hit, proxy, siteHostOf(target)));
}

function siteHostOf({ url }: Target): string {
  return new URL(url).hostname.toLowerCase();
}

function age(hit: LogHit): number {
  return hit.ageSeconds ?? 0;
}

/** Whether a line is about this site or what it is sent to; lines of other sites on the same proxy are foreign. */
function isOurs(hit: LogHit, proxy: ProxyHop, siteHost: string): boolean {
  const { server, requestHost, upstream } = hit.details;
  const { route } = proxy;
  if (route === null) return requestHost === undefined || hostOf(requestHost) === siteHost;
  if (server !== undefined && server !== "") {
    return route.serverNames.includes(server) || (route.byDefault && server === route.serverName);
  }
  if (requestHost !== undefined && requestHost !== "") return hostOf(requestHost) === siteHost;
  if (upstream === undefined || route.action.kind !== "pass") return true;
  const { group, members } = route.action;
  if (group !== undefined && (upstream === group || upstream.startsWith(`${group}/`))) return true;
  return members.some(({ label, address }) => upstream === label || isAt(upstream, address));
}

/** Whether a line's upstream can be this address: a name may have resolved to any, and IPv6 is written in several ways. */
function isAt(upstream: string, address: UpstreamAddress): boolean {
  if (address.kind === "unix") return upstream === `unix:${address.path}` || upstream === address.path;
  const port = `:${address.port}`;
  return isIPv4(address.host) ? upstream === `${address.host}${port}` : upstream.endsWith(port);
}

function readAccessLog(
  proxy: ProxyHop,
  view: { readonly evidence: Evidence; readonly host: string; readonly playbooks: readonly Playbook[] },
): AccessSummary {
  const { route } = proxy;
  const { evidence, host } = view;
  const playbook = view.playbooks.find(({ id }) => id === route?.playbook);
  const parser = playbook && parserOf(playbook);
  const files = route?.accessLogs.filter((log) => log.kind === "file") ?? [];
  const result = evidence.results.findLast(
    (candidate) =>
      candidate.host === proxy.host &&
      candidate.probe.startsWith(`${playbook?.id}.access`) &&
      files.some(({ path }) => path === candidate.params.path),
  );
  const format = files.find(({ path }) => path === result?.params.path)?.format;
  const ofFormat = format === undefined ? undefined : parser?.accessLogOf?.(format);
  const grammar = ofFormat ?? parser?.accessLog;
  if (result === undefined || grammar === undefined) return { entries: [], mixed: true };
  const clock = clockOf(
    evidence.visits.find((visit) => visit.host === proxy.host),
    evidence,
  );
  const shared = /\/(access|other_vhosts_access)[._]log$/.test(result.params.path ?? "");
  return readAccess(result.output, { grammar, clock, skewMs: clock.skewMs, siteHost: host, shared });
}
