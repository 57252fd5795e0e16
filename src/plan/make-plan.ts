import type { DiagnosisRequest } from "../intake/diagnosis-request.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { Target } from "../topology/target.ts";
import { makeLook, type UnnamedLook } from "./make-look.ts";
import { makeOccasions } from "./make-occasions.ts";
import { refuseParameters } from "./parameter-types.ts";
import type { Look, Plan } from "./plan.ts";

type PlanInput = {
  readonly playbooks: readonly Playbook[];
  readonly request: DiagnosisRequest;
  /** How far back logs are read. */
  readonly windowSeconds?: number;
} & (
  | { readonly round: 1 }
  | {
      readonly round: 2;
      readonly target: Target;
      /** The site answers with an error now: looks that bother the application are worth it. */
      readonly isFailing?: boolean;
    }
);

/** A look that was worth doing and was left out, with the reason. */
export interface SkippedLook {
  readonly host: string;
  readonly probe: string;
  readonly reason: string;
}

interface Roles {
  readonly proxy: boolean;
  readonly upstream: boolean;
}

/** 15 minutes that matter, and as much again for an alert that came late. */
export const WINDOW_SECONDS = 1800;
const MAX_LOOKS = 40;

/** The looks of one round, one plan a host; hosts without looks are left out. */
export function makePlan(input: PlanInput): {
  readonly plans: readonly Plan[];
  readonly skipped: readonly SkippedLook[];
} {
  const plans: Plan[] = [];
  const skipped: SkippedLook[] = [];
  for (const [host, roles] of rolesOf(input.request)) {
    const wanted =
      input.round === 1 ? firstLooks(input, roles) : secondLooks(input, { host, roles, skipped });
    const looks = nameLooks(withoutTwins(wanted));
    const limit = input.round === 1 ? looks.length : MAX_LOOKS;
    for (const { probe, params } of looks.slice(limit)) {
      const what = Object.values(params).join(" ");
      skipped.push({ host, probe, reason: `${what}: beyond ${limit} looks on one host in a round` });
    }
    if (looks.length > 0) plans.push({ host, round: input.round, looks: looks.slice(0, limit) });
  }
  return { plans, skipped };
}

/** Without upstream hosts the application lives on the proxy hosts, which then have both roles. */
function rolesOf({ proxies, upstreams }: DiagnosisRequest): ReadonlyMap<string, Roles> {
  const roles = new Map<string, Roles>();
  for (const { name } of proxies) roles.set(name, { proxy: true, upstream: upstreams.length === 0 });
  for (const { name } of upstreams) roles.set(name, { proxy: roles.has(name), upstream: true });
  return roles;
}

function firstLooks(input: PlanInput, roles: Roles): UnnamedLook[] {
  const { playbooks, windowSeconds = WINDOW_SECONDS } = input;
  return playbooks.flatMap((playbook) =>
    Object.entries(playbook.probes)
      .filter(([, probe]) => probe.round === 1 && (probe.on === "any" || roles[probe.on]))
      .map(([name, probe]) => makeLook(`${playbook.id}.${name}`, probe, { params: {}, windowSeconds })),
  );
}

/**
 * The probes of everything the target holds on this host, most telling first. A generic playbook (role `host`) looks
 * at anything; a product's playbook only at what belongs to that product.
 */
function secondLooks(
  input: PlanInput & { readonly round: 2 },
  { host, roles, skipped }: { readonly host: string; readonly roles: Roles; readonly skipped: SkippedLook[] },
): UnnamedLook[] {
  const { playbooks, windowSeconds = WINDOW_SECONDS } = input;
  const looks: UnnamedLook[] = [];
  for (const { domain, params, of } of makeOccasions(input.target, {
    host,
    url: input.request.url,
    isFailing: input.isFailing ?? false,
  })) {
    const refusal = refuseParameters(domain, params);
    for (const playbook of playbooks) {
      if (playbook.role !== "host" && playbook.id !== of) continue;
      for (const [name, probe] of Object.entries(playbook.probes)) {
        if (probe.round !== 2 || probe.each !== domain) continue;
        // what a look is repeated for says where it runs; only looks at the host itself go by its role
        if (domain === "host" && probe.on !== "any" && !roles[probe.on]) continue;
        const id = `${playbook.id}.${name}`;
        if (refusal === undefined) looks.push(makeLook(id, probe, { params, windowSeconds }));
        else skipped.push({ host, probe: id, reason: refusal });
      }
    }
  }
  return looks;
}

function withoutTwins(looks: readonly UnnamedLook[]): UnnamedLook[] {
  const byKey = new Map<string, UnnamedLook>();
  for (const look of looks) {
    const key = JSON.stringify([look.probe, look.params]);
    if (!byKey.has(key)) byKey.set(key, look);
  }
  return [...byKey.values()];
}

/** `<probe>`, then `<probe>#2`, `<probe>#3`. */
function nameLooks(looks: readonly UnnamedLook[]): Look[] {
  const counts = new Map<string, number>();
  return looks.map((look) => {
    const count = (counts.get(look.probe) ?? 0) + 1;
    counts.set(look.probe, count);
    return { id: count === 1 ? look.probe : `${look.probe}#${count}`, ...look };
  });
}
