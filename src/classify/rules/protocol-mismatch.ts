import { ids, memberLines, proxyLines, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The two sides speak different protocols: TLS to a plain port, HTTP to an application protocol's socket, or the reverse. */
export const protocolMismatch = defineRule({
  id: "protocol-mismatch",
  check(hop, file) {
    const line = proxyLines(hop, "tls-not-tls", "response-foreign-protocol").at(-1);
    const { action } = hop.proxy.route ?? {};
    const protocol = action?.kind === "pass" ? action.protocol : undefined;
    for (const member of hop.members) {
      const said = memberLines(member, "app-request-not-understood").at(-1);
      const cut = proxyLines(
        hop,
        "upstream-closed",
        "response-malformed",
        "tls-failed",
        "connect-failed",
        "peer-down",
        "tls-timed-out",
      ).at(-1);
      const plainPeer = member.tls?.outcome === "not-tls";
      const tlsPeer = protocol === "http" && member.tls?.outcome === "ok";
      const proof =
        line ?? (cut !== undefined && (said !== undefined || plainPeer || tlsPeer) ? cut : undefined);
      if (proof === undefined) continue;
      return {
        confidence: line === undefined ? 0.92 : 0.96,
        hop: "proxy->upstream",
        summary: `The proxy speaks ${protocol ?? "one protocol"} to ${member.label}, and ${plainPeer ? "it does not speak TLS" : tlsPeer ? "it wants TLS" : "it speaks another protocol"}.`,
        for: ids(
          quoteLine(file, proof),
          said && quoteLine(file, said, "The application did not understand the request."),
          plainPeer || tlsPeer ? member.tls?.finding : undefined,
        ),
        restart: noRestart("Both sides would speak as before."),
        advice: [
          "Use the scheme the service speaks in the proxy's pass directive, or point it to the port that speaks this one.",
        ],
        member,
      };
    }
    return undefined;
  },
});
