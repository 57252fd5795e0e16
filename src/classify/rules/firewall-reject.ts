import { failingMembers, ids } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";
import { crashLine } from "../service-state.ts";
import { matchingFilters } from "./firewall-drop.ts";

const REFUSED = {
  outcomes: ["refused", "unreachable", "denied"],
  signals: ["connect-refused", "connect-unreachable"],
} as const;
/** An ICMP prohibited answers within a second or so; failing to find the neighbour takes the kernel about three. */
const AT_ONCE_MS = 2000;

/** A filter answers for the service: with a reset, or with an ICMP prohibited. The service listens all the while. */
export const firewallReject = defineRule({
  id: "firewall-reject",
  check(hop, file) {
    for (const { member, evidence } of failingMembers(hop, file, REFUSED)) {
      const rule = matchingFilters(member, hop.proxy.host, file).find(({ verdict }) => verdict === "reject");
      const listening = member.hop.listening === "yes";
      const outcome = member.connect?.outcome;
      const atOnce = outcome === "unreachable" && (member.connect?.ms ?? Infinity) < AT_ONCE_MS;
      if (rule === undefined && !(listening && (outcome === "refused" || atOnce)) && !atOnce) continue;
      if (member.hop.listening === "no" && rule === undefined) continue;
      // a service that keeps dying listens in one look and refuses in the next
      const unsteady = (member.hop.owner?.unit?.restarts ?? 0) > 0 || crashLine(member) !== undefined;
      if (rule === undefined && unsteady) continue;
      if (file.host(hop.proxy.host)?.barredRoutes.some(({ covers }) => covers(member))) continue;
      return {
        confidence: rule !== undefined ? (listening || atOnce ? 0.97 : 0.7) : listening ? 0.88 : 0.6,
        hop: "proxy->upstream",
        summary: `A filter rejects connections from ${hop.proxy.host} to ${member.label}${rule === undefined ? "" : ` (${rule.chain})`}.`,
        for: ids(rule?.finding, ...evidence, member.listenFinding),
        restart: noRestart("The service listens; something in front of it says no."),
        advice: [`Open ${member.label} for ${hop.proxy.host}.`],
        member,
      };
    }
    return undefined;
  },
});
