import { parseAddress } from "../../topology/address.ts";
import type { UpstreamAddress } from "../../topology/target.ts";
import type { MemberCase } from "../case-file.ts";
import { failingMembers, ids, memberLines } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";
import { serviceState } from "../service-state.ts";

const NOT_THERE = {
  outcomes: ["refused", "failed", "unreachable", "timed-out"],
  signals: [
    "connect-refused",
    "connect-socket-missing",
    "connect-failed",
    "connect-unreachable",
    "connect-timed-out",
    "peer-down",
  ],
} as const;

/** The service runs, but not where the proxy looks: another port, socket, interface or version. */
export const wrongUpstreamAddress = defineRule({
  id: "wrong-upstream-address",
  check(hop, file) {
    for (const { member, evidence } of failingMembers(hop, file, NOT_THERE)) {
      if (member.hop.listening === "yes") continue;
      const elsewhere = runningElsewhere(member);
      if (elsewhere === undefined) continue;
      const source = hop.proxy.route?.action.source;
      const at = source === undefined ? "" : ` (${source.file}:${source.line})`;
      const finding = file.find({
        check: "listeners",
        host: member.hop.host ?? hop.proxy.host,
        summary: `${elsewhere.name} is running and listens on ${elsewhere.where}, not on ${member.label}.`,
      });
      return {
        confidence: elsewhere.confidence,
        hop: "proxy->upstream",
        summary: `The proxy sends to ${member.label}${at}, but ${elsewhere.name} listens on ${elsewhere.where}.`,
        for: ids(finding, ...evidence, member.listenFinding, member.unitFinding),
        restart: noRestart("The service runs; it would listen on the same other address again."),
        advice: [
          `Make the two agree: point the proxy to ${elsewhere.where}, or make the service listen on ${member.label}.`,
        ],
        member,
      };
    }
    return undefined;
  },
});

interface Elsewhere {
  readonly name: string;
  readonly where: string;
  readonly confidence: number;
}

function runningElsewhere(member: MemberCase): Elsewhere | undefined {
  const said = elsewhereSaid(member);
  const running = serviceState(member) === "running";
  const others = member.hop.alternatives ?? [];
  const own = others.find(({ owner }) => owner.name !== undefined && owner.name === member.hop.owner?.name);
  const other = own ?? others.find(({ listens }) => listens.length > 0);
  if (other === undefined) {
    if (!running || said === undefined) return undefined;
    return { name: member.hop.owner?.name ?? "the service", where: said, confidence: 0.8 };
  }
  // a dead service that declares the address explains it better than a living one elsewhere
  const declaredDead = member.hop.owner?.by === "declared" && !running;
  if (declaredDead) return undefined;
  if (other.listens.length === 0) return undefined;
  return {
    name: other.owner.name ?? other.owner.processes[0]?.comm ?? "another service",
    where: other.listens.map(addressText).join(", "),
    confidence: running || member.hop.owner === undefined ? (others.length === 1 ? 0.94 : 0.8) : 0.5,
  };
}

function addressText(address: UpstreamAddress): string {
  return address.kind === "unix" ? address.path : `${address.host}:${address.port}`;
}

/** Where the service says it listens, unless that covers the address the proxy uses. */
function elsewhereSaid(member: MemberCase): string | undefined {
  const said = memberLines(member, "app-listening").at(-1)?.holes.address;
  if (said === undefined) return undefined;
  const bound = parseAddress(said.replace(/^[a-z]+:\/\//, "").replace(/\/$/, ""));
  const { address } = member.hop.member;
  if (bound === undefined || bound.kind === "unix" || address.kind === "unix") return said;
  return bound.port === address.port ? undefined : said;
}
