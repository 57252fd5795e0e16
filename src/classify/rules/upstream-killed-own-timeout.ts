import { ids, memberLines, proxyLines, quoteLine, serviceName } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/**
 * The application server's own timer ended the worker, so the proxy got a closed connection. The proxy's timers have no part
 * in it and cannot cure it.
 */
export const upstreamKilledOwnTimeout = defineRule({
  id: "upstream-killed-own-timeout",
  check(hop, file) {
    for (const member of hop.members) {
      const kill = memberLines(member, "worker-killed-by-own-timeout", "unit-watchdog").at(-1);
      if (kill === undefined) continue;
      const cut = proxyLines(hop, "upstream-closed", "upstream-closed-in-body", "upstream-send-failed").at(
        -1,
      );
      if (cut === undefined && file.client.badShare === 0) continue;
      const limit = member.hop.owner?.settings.requestTimeoutMs;
      return {
        confidence: cut === undefined ? 0.85 : 0.97,
        hop: "upstream",
        summary: `${serviceName(member)} killed its own worker${limit === undefined ? "" : ` after ${limit / 1000} s`}: the request took too long.`,
        for: ids(quoteLine(file, kill), cut && quoteLine(file, cut), member.unitFinding),
        restart: noRestart("The worker is replaced already; the next slow request is killed the same way."),
        advice: [
          "Make the slow request faster or move it to a queue; raise the application's own limit only if it must be that slow.",
        ],
        member,
      };
    }
    return undefined;
  },
});
