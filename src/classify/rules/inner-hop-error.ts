import { isGatewayStatus } from "../client-view.ts";
import { ids } from "../hop-view.ts";
import { isFault } from "../proxy-lines.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The error came from a deeper gateway and was passed on. It is an answer only when we cannot look at that gateway. */
export const innerHopError = defineRule({
  id: "inner-hop-error",
  check(hop, file) {
    const { client } = file;
    const own = hop.lines.some(({ signal }) => signal !== "response-relayed-error" && isFault(signal));
    if (!hop.isInnermost || client.badShare === 0 || own) return undefined;
    const page = client.mintedByPlaybook;
    if (page === undefined || client.mintedBy === "app" || hop.proxy.route === null) return undefined;
    const relayed = hop.members.find(
      ({ direct }) => direct?.status != null && isGatewayStatus(direct.status),
    );
    const ours = file.hops.some(({ proxy }) => (proxy.route?.playbook ?? proxy.owner?.playbook) === page);
    // the page of a product we do run may be ours; only the same answer without us shows that it is not
    if (ours && relayed === undefined) return undefined;
    return {
      confidence: relayed === undefined ? 0.6 : 0.75,
      hop: "upstream",
      summary: `Another gateway behind ${hop.proxy.host} answered ${client.status}; the proxies we can see only pass it on.`,
      for: ids(client.finding, relayed?.direct?.finding),
      restart: noRestart("The broken hop is behind what we can see."),
      advice: [`Give access to the machine behind ${relayed?.label ?? "the upstream"} and look again.`],
      ...(relayed === undefined ? {} : { member: relayed }),
    };
  },
});
