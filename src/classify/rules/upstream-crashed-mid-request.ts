import {
  ago,
  hostLines,
  ids,
  isAtOnce,
  memberLines,
  proxyLines,
  quoteLine,
  serviceName,
} from "../hop-view.ts";
import { briefRestart, defineRule } from "../rule.ts";
import { crashLine, lastWords, oomKill, ownMemoryDeath, serviceState } from "../service-state.ts";
import { SIGNAL_SENTENCES } from "../signal-sentence.ts";

const CUT = ["upstream-closed", "upstream-closed-in-body", "upstream-send-failed"] as const;

/**
 * The worker took the request and died. The proxy sees the connection close early; the service's own log has the death.
 * Without a death in the service's log it is only one of several explanations.
 */
export const upstreamCrashedMidRequest = defineRule({
  id: "upstream-crashed-mid-request",
  check(hop, file) {
    const cut = proxyLines(hop, ...CUT).at(-1);
    for (const member of hop.members) {
      if (oomKill(member, file) !== undefined || ownMemoryDeath(member) !== undefined) continue;
      if (memberLines(member, "worker-killed-by-own-timeout").length > 0) continue;
      const state = serviceState(member);
      if (state === "gave-up") continue;
      const death = crashLine(member);
      if (death === undefined) {
        if (cut === undefined) continue;
        return {
          confidence: 0.5,
          hop: "upstream",
          summary: `${serviceName(member)} closes connections before it answers.`,
          for: ids(quoteLine(file, cut), member.unitFinding),
          restart: briefRestart("It may clear a broken state; the reason is not known."),
          advice: ["Read the application's log at the second of the quoted line."],
          member,
        };
      }
      // a service that ended and stays down after cutting requests died of the same thing
      const down = member.hop.listening === "no" && (state === "failed" || state === "stopped");
      const crashed = death.signal !== "unit-main-exited" || /^(4|6|7|11)\//.test(death.holes.status ?? "");
      if (cut === undefined && !(down && crashed)) continue;
      const segfault = hostLines(file, member.hop.host, "kernel-segfault").findLast((hit) =>
        isAtOnce(hit, death),
      );
      return {
        confidence: crashed ? 0.93 : 0.8,
        hop: "upstream",
        summary: `A worker of ${serviceName(member)} crashed${ago(death) === "" ? "" : ` ${ago(death)}`}, while it had a request.`,
        for: ids(
          quoteLine(file, lastWords(member, death) ?? death, SIGNAL_SENTENCES[death.signal]),
          cut && quoteLine(file, cut),
          segfault && quoteLine(file, segfault),
          member.unitFinding,
        ),
        restart: briefRestart(
          down
            ? "It brings the service back; the same request crashes it again."
            : "A new worker is there already; the same request crashes it again.",
        ),
        advice: ["Find the request that does it: the proxy's line names its path."],
        member,
      };
    }
    return undefined;
  },
});
