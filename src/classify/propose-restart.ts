import { whyNeverTouched } from "../playbook/never-touch.ts";
import type { CaseFile, MemberCase } from "./case-file.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { memberLines } from "./hop-view.ts";
import type { Verdict } from "./rule.ts";
import { type ServiceState, serviceState } from "./service-state.ts";

/**
 * The one restart that could be offered: the upstream's own unit, on a host that itself showed the fault. Null where there is
 * no unit, it is one we never touch, or nothing on that host confirms what the proxy says (a proxy's word alone never restarts
 * another machine's service).
 */
export function proposeRestart(verdict: Verdict, file: CaseFile): Diagnosis["remediation"] {
  const { member, restart } = verdict;
  const host = member?.hop.host;
  if (member === undefined || host === undefined || member.hop.proxy !== undefined) return null;
  if (whyNotOurs(verdict, file) !== undefined) return null;
  const confirmed = verdict.for.some((id) => {
    const finding = file.findings.find((known) => known.id === id);
    return finding !== undefined && (finding.host === host || finding.check === "connect-from-proxy");
  });
  if (!confirmed) return null;
  const useful = restart.helps === "yes" || (restart.helps === "briefly" && isNotServing(member, file));
  const { service } = file.target;
  if (service !== undefined && service.kind !== "systemd") {
    const unit = nameService(service);
    return { kind: "restart-upstream", host, unit, service, recommended: useful, why: restart.why };
  }
  const unit = member.hop.owner?.unit;
  if (unit === undefined) return null;
  const others = unit.boundBy.filter((name) => name.endsWith(".service"));
  const why = others.length > 0 ? `${restart.why} It would take ${others.join(", ")} along.` : restart.why;
  return { kind: "restart-upstream", host, unit: unit.unit, recommended: useful && others.length === 0, why };
}

/** As people name it: `container web`. */
function nameService(service: NonNullable<NonNullable<Diagnosis["remediation"]>["service"]>): string {
  switch (service.kind) {
    case "pm2":
      return `PM2 app ${service.app}`;
    case "docker":
      return `container ${service.container}`;
    case "compose":
      return `Compose service ${service.project}/${service.service}`;
    case "supervisor":
      return `supervisord program ${service.program}`;
  }
}

/** Why the upstream's unit is one we never restart, as a sentence: by its name or an alias, its part in this site, or its playbook. */
export function whyNotOurs({ member }: Verdict, file: CaseFile): string | undefined {
  const unit = member?.hop.owner?.unit;
  if (member === undefined || unit === undefined) return undefined;
  const what =
    [unit.unit, ...unit.names].map(whyNeverTouched).find((why) => why !== undefined) ??
    partInSite(member, unit.unit, file) ??
    // whoever names the service in the config has decided
    (member.hasNoRestart && file.target.service === undefined
      ? "of a kind whose playbook names no restart"
      : undefined);
  return what === undefined
    ? undefined
    : `${unit.unit} is ${what}: whether to restart it is for a person on the host.`;
}

function partInSite({ hop: { host } }: MemberCase, unit: string, file: CaseFile): string | undefined {
  const { hops, target } = file;
  if (hops.some(({ proxy }) => proxy.host === host && proxy.owner?.unit?.unit === unit))
    return "a proxy of this site";
  if (target.dependencies.some((other) => other.host === host && other.owner?.unit?.unit === unit))
    return "what the application depends on";
  return undefined;
}

/** States in which one more start changes nothing, or only delays the one that is under way. */
const CANNOT_START = new Set<ServiceState>(["starting", "looping", "gave-up", "masked", "missing"]);

/** Down, frozen, out of descriptors, or with a queue in front of it: a restart changes what people see at once. A slow page is no reason for one. */
function isNotServing(member: MemberCase, { client }: CaseFile): boolean {
  if (CANNOT_START.has(serviceState(member))) return false;
  const queue = member.hop.listener;
  const hanging = member.process?.state === "T" || (queue !== undefined && queue.recvQ > 0);
  const answersNobody = client.badShare === 1 && memberLines(member, "out-of-files").length > 0;
  return member.hop.listening === "no" || hanging || answersNobody;
}
