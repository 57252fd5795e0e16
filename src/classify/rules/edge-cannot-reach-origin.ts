import { ids } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** Our own machine's: nobody was asked, and what visitors get is not known. Source: getaddrinfo(3), connect(2). */
const OURS = new Set(["EAI_AGAIN", "ENETUNREACH"]);

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
    const isOurs = silent && OURS.has(client.errorCode ?? "");
    return {
      // an edge that did not answer us may answer everybody else
      confidence: isOurs ? 0.5 : 0.85,
      hop: "edge->proxy",
      summary: `The proxy on ${hop.proxy.host} listens, but requests for the site do not reach it${client.errorCode === undefined ? "" : ` (${client.errorCode})`}.`,
      for: ids(client.finding, listen),
      restart: noRestart("The application is not at fault; nothing reaches its proxy."),
      advice: [
        ...(isOurs
          ? ["Ask for the site from another machine: this one's own DNS or network may be what failed."]
          : []),
        "Compare the site's DNS records with the proxy's addresses, then the filters in front of its port.",
      ],
    };
  },
});
