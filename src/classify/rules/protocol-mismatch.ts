import type { HopCase, LogHit, MemberCase } from "../case-file.ts";
import { ids, memberLines, proxyLines, quoteLine, serviceName } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

const CUT = [
  "upstream-closed",
  "response-malformed",
  "tls-failed",
  "tls-timed-out",
  "connect-failed",
  "peer-down",
] as const;

/** The two sides speak different protocols: TLS to a plain port, HTTP to an application protocol's socket, or the reverse. */
export const protocolMismatch = defineRule({
  id: "protocol-mismatch",
  check(hop, file) {
    const { action } = hop.proxy.route ?? {};
    const protocol = action?.kind === "pass" ? action.protocol : "one protocol";
    for (const member of hop.members) {
      const said = memberLines(member, "app-request-not-understood").at(-1);
      const wants = whatItWants(member, protocol);
      const proof = proofLine(hop, said !== undefined || wants !== undefined);
      if (proof === undefined) continue;
      return {
        confidence:
          proof.signal === "tls-not-tls" || proof.signal === "response-foreign-protocol" ? 0.96 : 0.92,
        hop: "proxy->upstream",
        summary: `The proxy speaks ${protocol} to ${member.label}, and ${wants ?? "it speaks another protocol"}.`,
        for: ids(
          quoteLine(file, proof),
          said && quoteLine(file, said, "The application did not understand the request."),
          member.tls?.outcome === "handshake-failed" ? undefined : member.tls?.finding,
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

/** The proxy's own word for it, or a broken exchange when the other side shows that it speaks something else. */
function proofLine(hop: HopCase, isForeign: boolean): LogHit | undefined {
  const plain = proxyLines(hop, "tls-not-tls", "response-foreign-protocol").at(-1);
  return plain ?? (isForeign ? proxyLines(hop, ...CUT).at(-1) : undefined);
}

function whatItWants(member: MemberCase, protocol: string): string | undefined {
  if (protocol === "http" && (member.tls?.outcome === "ok" || member.tls?.outcome === "certificate-bad")) {
    return "it wants TLS";
  }
  if (protocol === "https" && member.tls?.outcome === "not-tls") return "it does not speak TLS";
  const spoken = protocol === "https" || protocol === "h2" ? "http" : protocol;
  if (member.speaks === undefined || member.speaks.includes(spoken)) return undefined;
  return `${serviceName(member)} speaks ${member.speaks.join(" or ")}`;
}
