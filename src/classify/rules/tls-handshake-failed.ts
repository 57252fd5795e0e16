import { ids, proxyLines, quoteLine, speaksTls } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** What a TLS alert number means for whoever must fix it. Source: RFC 8446 section 6. */
const ALERTS: Readonly<Record<string, string>> = {
  "40": "no common cipher, a missing SNI, or a client certificate is wanted",
  "42": "it does not accept the client certificate",
  "70": "no common TLS version",
  "80": "an internal error on its side",
  "112": "it does not know the name (SNI) the proxy sends",
  "116": "it wants a client certificate",
};

/** The handshake with the upstream breaks before any certificate is judged: version, cipher, SNI, or a client certificate. */
export const tlsHandshakeFailed = defineRule({
  id: "tls-handshake-failed",
  check(hop, file) {
    if (!speaksTls(hop)) return undefined;
    const line = proxyLines(hop, "tls-alert", "tls-closed").at(-1);
    const vague = proxyLines(hop, "tls-failed", "connect-failed", "peer-down").at(-1);
    const member =
      hop.members.find(({ tls }) => tls?.outcome === "handshake-failed" || tls?.outcome === "closed") ??
      hop.members[0];
    const broken = member?.tls?.outcome === "handshake-failed" || member?.tls?.outcome === "closed";
    if (line === undefined && !(broken && vague !== undefined)) return undefined;
    const meaning = ALERTS[line?.holes.alert ?? ""];
    return {
      confidence: line?.signal === "tls-alert" ? 0.96 : line === undefined ? 0.85 : 0.8,
      hop: "proxy->upstream",
      summary: `The TLS handshake with ${member?.label ?? "the upstream"} fails${meaning === undefined ? "" : `: ${meaning}`}.`,
      for: ids(
        line && quoteLine(file, line),
        broken ? member?.tls?.finding : undefined,
        vague && quoteLine(file, vague),
      ),
      restart: noRestart("Both sides keep the settings they disagree on."),
      advice: [
        "Compare TLS versions, ciphers and the name sent (SNI) on both sides; the quoted alert says which.",
      ],
      ...(member === undefined ? {} : { member }),
    };
  },
});
