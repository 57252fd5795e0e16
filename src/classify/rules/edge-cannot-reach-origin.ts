import { ids } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** Something in front of the proxy cannot reach it, while the proxy itself listens: a filter, a stale address, TLS between the two. */
export const edgeCannotReachOrigin = defineRule({
  id: "edge-cannot-reach-origin",
  check(hop, file) {
    if (hop.depth !== 0 || hop.proxy.listening !== "yes" || hop.lines.length > 0) return undefined;
    const { client } = file;
    const silent =
      client.status === null &&
      (client.errorPhase === "connect" || client.errorPhase === "dns" || client.errorPhase === "tls");
    const edgePage = client.mintedBy === "edge" && !client.relayed;
    if (!silent && !edgePage) return undefined;
    const listen = file.find({
      check: "listeners",
      host: hop.proxy.host,
      summary: `The proxy on ${hop.proxy.host} listens.`,
    });
    return {
      confidence: 0.85,
      hop: "edge->proxy",
      summary: `The proxy on ${hop.proxy.host} listens, but requests for the site do not reach it${client.errorCode === undefined ? "" : ` (${client.errorCode})`}.`,
      for: ids(client.finding, listen),
      restart: noRestart("The application is not at fault; nothing reaches its proxy."),
      advice: [
        "Compare the site's DNS records with the proxy's addresses, then the filters in front of its port.",
      ],
    };
  },
});
