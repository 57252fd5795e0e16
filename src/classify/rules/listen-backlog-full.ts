import { failingMembers, hostLines, ids, memberLines, quoteLine, serviceName } from "../hop-view.ts";
import { briefRestart, defineRule } from "../rule.ts";

const FULL = { outcomes: ["timed-out"], signals: ["connect-backlog-full", "connect-timed-out"] } as const;

/**
 * The kernel's accept queue overflows: refused at once on a unix socket (EAGAIN), silently dropped on TCP. Proof is the
 * listener's own counter, Recv-Q above Send-Q. Source: torvalds/linux net/ipv4/tcp_diag.c.
 */
export const listenBacklogFull = defineRule({
  id: "listen-backlog-full",
  check(hop, file) {
    for (const { member, evidence } of failingMembers(hop, file, FULL)) {
      const queue = member.hop.listener;
      const overflowing = queue !== undefined && queue.sendQ > 0 && queue.recvQ >= queue.sendQ;
      const said = hop.lines.some((hit) => hit.signal === "connect-backlog-full");
      const word = [
        ...memberLines(member, "listen-queue-full"),
        ...hostLines(file, member.hop.host, "kernel-syn-flood"),
      ].at(-1);
      if (!overflowing && !said && word === undefined) continue;
      return {
        confidence: overflowing || said ? 0.96 : 0.8,
        hop: "upstream",
        summary: `${serviceName(member)} accepts no more connections: its accept queue${queue === undefined ? "" : ` (limit ${queue.sendQ})`} is full.`,
        for: ids(
          ...evidence,
          overflowing ? member.listenFinding : undefined,
          word && quoteLine(file, word),
          member.unitFinding,
        ),
        restart: briefRestart("It empties the queue; the load that filled it returns."),
        advice: [
          "Find why it accepts so slowly: hung or busy workers come first, then a larger backlog (and net.core.somaxconn).",
        ],
        member,
      };
    }
    return undefined;
  },
});
