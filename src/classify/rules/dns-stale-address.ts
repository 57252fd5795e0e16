import type { HopCase, LogHit, MemberCase } from "../case-file.ts";
import { ids, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The proxy still uses an address that the upstream's name had when the proxy started; the name points elsewhere now. */
export const dnsStaleAddress = defineRule({
  id: "dns-stale-address",
  check(hop, file) {
    for (const member of hop.members) {
      const { address } = member.hop.member;
      if (address.kind !== "tcp" || member.name === undefined || member.name.addresses.length === 0) continue;
      const line = lineWithOtherAddress(hop, member, member.name.addresses);
      if (line === undefined) continue;
      return {
        confidence: 0.95,
        hop: "proxy->upstream",
        summary: `The proxy still sends to ${line.details.upstream}; ${address.host} is ${member.name.addresses.join(", ")} now.`,
        for: ids(quoteLine(file, line, "The proxy uses this address."), member.name.finding),
        restart: noRestart("The proxy holds the old address, not the service."),
        advice: ["Reload the proxy (reload, not restart): it resolves the name again."],
        member,
      };
    }
    return undefined;
  },
});

const FAILED_THERE = new Set<LogHit["signal"]>([
  "connect-refused",
  "connect-timed-out",
  "connect-unreachable",
  "connect-no-route",
  "connect-failed",
  "upstream-closed",
  "upstream-read-timed-out",
]);

function lineWithOtherAddress(
  hop: HopCase,
  member: MemberCase,
  current: readonly string[],
): LogHit | undefined {
  const { address } = member.hop.member;
  if (address.kind !== "tcp") return undefined;
  return hop.lines.findLast(({ signal, details }) => {
    if (!FAILED_THERE.has(signal) || details.upstream === undefined) return false;
    const port = `:${address.port}`;
    if (!details.upstream.endsWith(port)) return false;
    const host = details.upstream.slice(0, -port.length).replace(/^\[|\]$/g, "");
    return isIp(host) && !current.includes(host);
  });
}

function isIp(text: string): boolean {
  return /^[0-9.]{7,15}$/.test(text) || /^[0-9a-fA-F:.]{2,45}$/.test(text);
}
