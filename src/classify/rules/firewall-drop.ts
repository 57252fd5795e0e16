import type { CaseFile, FilterRule, MemberCase, PortRange } from "../case-file.ts";
import { failingMembers, ids } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

const SILENT = { outcomes: ["timed-out"], signals: ["connect-timed-out"] } as const;

/**
 * Packets to the upstream's port vanish. The listener is there with an empty queue, the machine answers elsewhere, and often
 * the rule that drops can be read. Told from a full backlog by the queue, from a dead host by our own connection to it.
 */
export const firewallDrop = defineRule({
  id: "firewall-drop",
  check(hop, file) {
    for (const { member, evidence } of failingMembers(hop, file, SILENT)) {
      const queue = member.hop.listener;
      if (queue !== undefined && queue.sendQ > 0 && queue.recvQ >= queue.sendQ) continue;
      const rule = matchingFilters(member, hop.proxy.host, file).find(({ verdict }) => verdict === "drop");
      const reachable =
        member.hop.host !== undefined && file.host(member.hop.host)?.unreachable === undefined;
      if (member.hop.host !== undefined && !reachable) continue;
      const listening = member.hop.listening === "yes";
      return {
        confidence: rule !== undefined ? 0.97 : listening ? 0.85 : 0.6,
        hop: "proxy->upstream",
        summary: `Packets from ${hop.proxy.host} to ${member.label} are dropped${rule === undefined ? "" : ` by a filter rule (${rule.chain})`}.`,
        for: ids(rule?.finding, ...evidence, member.listenFinding),
        restart: noRestart("The service is not at fault; nothing reaches it."),
        advice: [
          `Allow ${hop.proxy.host} to reach ${member.label}: host filter first, then the network's (security group, ACL).`,
        ],
        member,
      };
    }
    return undefined;
  },
});

/** Rules on the origin's way in or the proxy's way out that can hit this member's port. */
export function matchingFilters(
  member: MemberCase,
  proxyHost: string,
  file: CaseFile,
): readonly FilterRule[] {
  const { address } = member.hop.member;
  if (address.kind === "unix") return [];
  const onOrigin = member.hop.host === undefined ? [] : (file.host(member.hop.host)?.filters ?? []);
  const onProxy = file.host(proxyHost)?.filters ?? [];
  const isIn = ({ from, to }: PortRange) => from <= address.port && address.port <= to;
  const hits = ({ ports, exceptPorts }: FilterRule) =>
    !exceptPorts.some(isIn) && (ports.length === 0 || ports.some(isIn));
  const inward = onOrigin.filter((rule) => rule.hook !== "output" && hits(rule));
  const outward = onProxy.filter((rule) => rule.hook === "output" && hits(rule));
  return [...inward, ...outward].toSorted((a, b) => b.ports.length - a.ports.length);
}
