import { failingMembers, hostLines, ids, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

const DENIED = { outcomes: ["denied"], signals: ["connect-denied"] } as const;

/** The listener exists; file modes, or a mandatory access policy, keep the proxy's user out. */
export const socketAccessDenied = defineRule({
  id: "socket-access-denied",
  check(hop, file) {
    const policy = hostLines(file, hop.proxy.host, "mac-denied").at(-1);
    for (const { member, evidence } of failingMembers(hop, file, DENIED)) {
      const unix = member.hop.member.address.kind === "unix";
      const line = hop.lines.some((hit) => hit.signal === "connect-denied");
      // on TCP only a policy gives EACCES in the log; a look of ours alone may be a prohibited route
      if (!line && policy === undefined && member.socketPath?.blockedFor === undefined) continue;
      const user = hop.proxy.route?.workerUser;
      return {
        confidence: unix ? 0.96 : policy === undefined ? 0.6 : 0.95,
        hop: "proxy->upstream",
        summary: `The proxy${user === undefined ? "" : ` (user ${user})`} may not open ${member.label}: permission denied.`,
        for: ids(...evidence, member.socketPath?.finding, policy && quoteLine(file, policy)),
        restart: noRestart("It would create the socket with the same owner and mode again."),
        advice: [
          policy === undefined
            ? "Give the proxy's user access: the socket's owner, group and mode in the service's configuration, and x on every directory above it."
            : "The access policy denies it: allow that connection or restore the label.",
        ],
        member,
      };
    }
    return undefined;
  },
});
