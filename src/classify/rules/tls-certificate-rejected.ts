import { ids, proxyLines, quoteLine, speaksTls } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The handshake reached verification, and the proxy rejected the upstream's certificate: expired, another name, or nobody it trusts. */
export const tlsCertificateRejected = defineRule({
  id: "tls-certificate-rejected",
  check(hop, file) {
    if (!speaksTls(hop)) return undefined;
    const line = proxyLines(hop, "tls-certificate-bad", "tls-name-mismatch").at(-1);
    const vague = [...proxyLines(hop, "tls-failed", "connect-failed", "peer-down")].at(-1);
    const member = hop.members.find(({ tls }) => tls?.outcome === "certificate-bad") ?? hop.members[0];
    const bad = member?.tls?.outcome === "certificate-bad";
    const verifies = hop.proxy.route?.settings.verifiesCertificate === true;
    if (line === undefined && !(bad && vague !== undefined && verifies)) return undefined;
    const problem =
      line?.holes.reason ??
      member?.tls?.problem ??
      (line?.signal === "tls-name-mismatch" ? "it is for another name" : "it does not verify");
    return {
      confidence: line === undefined ? 0.88 : 0.97,
      hop: "proxy->upstream",
      summary: `The proxy rejects the certificate of ${member?.label ?? "the upstream"}: ${problem}.`,
      for: ids(
        line && quoteLine(file, line),
        bad ? member?.tls?.finding : undefined,
        vague && quoteLine(file, vague),
      ),
      restart: noRestart(
        "It would present the same certificate, unless a renewed one lies on its disk unloaded.",
      ),
      advice: [
        line?.signal === "tls-name-mismatch"
          ? "Issue a certificate for the name the proxy checks, or set that name in the proxy."
          : "Renew or re-issue the certificate with its chain, or give the proxy the right CA; then reload the side that changed.",
      ],
      ...(member === undefined ? {} : { member }),
    };
  },
});
