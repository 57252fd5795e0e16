import type { Evidence } from "../collect/evidence.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import type { ProxyHop, Target } from "../topology/target.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** The gap of a host that could not be looked at, or no longer: it stands for all looks on it. */
export const SSH_CHECK = "ssh";

type NotChecked = Diagnosis["notChecked"][number];

/** Every look that could not be taken, with the reason and the exact fix: being unable to look is an answer of its own. */
export function listNotChecked(
  evidence: Evidence,
  options: { readonly playbooks: readonly Playbook[]; readonly target: Target },
): Diagnosis["notChecked"] {
  const fromHosts = evidence.visits.flatMap(({ host, status, failure, reason }): readonly NotChecked[] =>
    status === "looked"
      ? []
      : [
          {
            check: SSH_CHECK,
            host,
            reason: failure?.reason ?? reason ?? "the connection was lost",
            ...(failure === undefined ? {} : { fix: failure.hint }),
          },
        ],
  );
  const unreachable = new Set(
    evidence.visits.flatMap(({ host, status }) => (status === "unreachable" ? [host] : [])),
  );
  const inChain = productsOf(options.target);
  const fromLooks = evidence.results.flatMap((result) => {
    if (unreachable.has(result.host)) return [];
    const playbook = options.playbooks.find(
      ({ id }) => id === result.probe.slice(0, result.probe.indexOf(".")),
    );
    // a look for a product that has no part in this site is no gap
    const matters = playbook === undefined || playbook.role === "host" || inChain.has(playbook.id);
    return matters ? (fromLook(result, playbook) ?? []) : [];
  });
  const fromRoutes = options.target.proxies.flatMap(({ host, route, why }): readonly NotChecked[] =>
    route !== null || why === undefined || unreachable.has(host)
      ? []
      : [{ check: "topology", host, reason: why }],
  );
  return once([...fromHosts, ...fromLooks, ...fromRoutes]);
}

/** The playbooks of everything in the chain. */
function productsOf(target: Target): ReadonlySet<string> {
  const ofProxy = (proxy: ProxyHop): readonly (string | undefined)[] => [
    proxy.route?.playbook ?? proxy.owner?.playbook,
    ...proxy.upstreams.flatMap(({ owner, proxy: inner }) => [
      owner?.playbook,
      ...(inner === undefined ? [] : ofProxy(inner)),
    ]),
  ];
  const ids = [...target.proxies.flatMap(ofProxy), ...target.dependencies.map(({ playbook }) => playbook)];
  return new Set(ids.filter((id) => id !== undefined));
}

function fromLook(result: ProbeResult, playbook: Playbook | undefined): NotChecked | undefined {
  const { outcome, host } = result;
  const probe = playbook?.probes[result.probe.slice(playbook.id.length + 1)];
  const check = probe?.title ?? result.probe;
  switch (outcome.kind) {
    case "exited":
      return undefined;
    // a product that is not installed is not a gap
    case "missing":
      return undefined;
    case "denied":
      return { check, host, reason: "permission", fix: outcome.need };
    case "timed-out":
      // an upstream that stays silent is what was to be seen
      if (probe?.each.startsWith("upstream-")) return undefined;
      return { check, host, reason: `no answer within ${outcome.timeoutMs / 1000} s` };
    case "no-answer":
      return { check, host, reason: outcome.reason };
  }
}

function once(list: readonly NotChecked[]): readonly NotChecked[] {
  const seen = new Set<string>();
  return list.filter(({ check, host, reason, fix }) => {
    const key = JSON.stringify([check, host, reason, fix]);
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
