import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import { findDependencies } from "./find-dependencies.ts";
import { findMismatches } from "./find-mismatches.ts";
import { type HostView, makeHostView } from "./host-view.ts";
import { makeProxyHop } from "./make-proxy-hop.ts";
import { present } from "./present.ts";
import type { Target } from "./target.ts";
import type { Terrain } from "./terrain.ts";

/** What became of a host, as far as reading its looks needs it. */
interface Visit {
  readonly host: string;
  readonly utcOffsetMinutes?: number;
}

/**
 * The hops of one site, joined from what the looks say. Pure: the same results give the same target. With results of
 * round 2 beside those of round 1 it knows more (what names resolve to, units that were not loaded), never less.
 * @throws {UnknownParserError} for a playbook that names a parser we do not have.
 */
export function makeTarget(input: {
  readonly request: DiagnosisRequest;
  readonly results: readonly ProbeResult[];
  readonly visits: readonly Visit[];
  readonly playbooks: readonly Playbook[];
}): Target {
  const { request, results, visits, playbooks } = input;
  const views = new Map<string, HostView>();
  for (const access of [...request.proxies, ...request.upstreams]) {
    if (views.has(access.name)) continue;
    const utcOffsetMinutes = visits.find(({ host }) => host === access.name)?.utcOffsetMinutes;
    views.set(access.name, makeHostView(access, { results, playbooks, utcOffsetMinutes }));
  }
  const terrain: Terrain = { request, playbooks, views };
  const url = new URL(request.url);
  const proxies = request.proxies.flatMap(({ name }) => {
    const view = views.get(name);
    return view === undefined ? [] : [makeProxyHop(view, url, terrain)];
  });
  return present({
    site: request.site,
    url: request.url,
    edge: request.edge,
    service: request.service,
    proxies,
    dependencies: findDependencies(terrain),
    mismatches: findMismatches(proxies, terrain),
  });
}
