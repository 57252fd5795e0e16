import { ids } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The error came from a deeper gateway and was passed on. It is an answer only when we cannot look at that gateway. */
export const innerHopError = defineRule({
  id: "inner-hop-error",
  check(hop, file) {
    if (!hop.isInnermost || file.client.badShare === 0 || hop.lines.length > 0) return undefined;
    const page = file.client.mintedByPlaybook;
    const ours = file.hops.some(({ proxy }) => (proxy.route?.playbook ?? proxy.owner?.playbook) === page);
    const relayed = hop.members.find(
      ({ direct }) => direct?.status === 502 || direct?.status === 503 || direct?.status === 504,
    );
    if (page === undefined || ours || file.client.mintedBy === "app") return undefined;
    return {
      confidence: relayed === undefined ? 0.6 : 0.75,
      hop: "upstream",
      summary: `Another gateway behind ${hop.proxy.host} answered ${file.client.status}; the proxies we can see only pass it on.`,
      for: ids(file.client.finding, relayed?.direct?.finding),
      restart: noRestart("The broken hop is behind what we can see."),
      advice: [`Give access to the machine behind ${relayed?.label ?? "the upstream"} and look again.`],
      ...(relayed === undefined ? {} : { member: relayed }),
    };
  },
});
