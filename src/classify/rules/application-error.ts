import { isGatewayStatus } from "../client-view.ts";
import { ids, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The application itself chose to answer 5xx; every gateway only passed it on. */
export const applicationError = defineRule({
  id: "application-error",
  check(hop, file) {
    const { client } = file;
    if (!hop.isInnermost || client.status === null || client.status < 500) return undefined;
    // a page of a gateway we did not read: whoever wrote it stands between us and the application
    const known = file.hops.map(({ proxy }) => proxy.route?.playbook ?? proxy.owner?.playbook);
    if (client.mintedByPlaybook !== undefined && !known.includes(client.mintedByPlaybook)) return undefined;
    const same = hop.members.find(({ direct }) => direct?.exitCode === 0 && direct.status === client.status);
    const relayed = hop.lines.findLast(({ signal }) => signal === "response-relayed-error");
    const fault = hop.lines.some(
      ({ signal }) => signal !== "response-relayed-error" && signal !== "app-error" && signal !== "noise",
    );
    if (fault && same === undefined) return undefined;
    if (client.mintedBy !== "app" && same === undefined && relayed === undefined) return undefined;
    // a proxy that we could not read, or that is not the one who answers, may well have written a page of its operator's own
    const isUnread =
      (hop.proxy.route === null || hop.proxy.listening === "no") &&
      isGatewayStatus(client.status) &&
      same === undefined;
    const own = hop.members.flatMap(({ lines }) => lines).findLast(({ signal }) => signal === "app-error");
    return {
      confidence: isUnread
        ? 0.4
        : fault || client.mintedBy === "proxy"
          ? 0.6
          : same !== undefined
            ? 0.93
            : client.mintedBy === "app"
              ? 0.86
              : 0.7,
      hop: "upstream",
      summary: `The application itself answers ${client.status}; the gateways only pass it on.`,
      for: ids(
        same?.direct?.finding,
        client.finding,
        relayed && quoteLine(file, relayed),
        own && quoteLine(file, own, "The application's own error."),
      ),
      restart: noRestart("It answers; what it answers is its own decision."),
      advice: ["Read the application's own log for this request."],
      ...(same === undefined ? {} : { member: same }),
    };
  },
});
