import { ago, ids, memberLines, quoteLine, serviceName } from "../hop-view.ts";
import { briefRestart, defineRule } from "../rule.ts";
import { oomKill, ownMemoryDeath } from "../service-state.ts";

/**
 * The service, or the worker that had the request, died for memory: by the kernel, by its own limit, or by its runtime's heap.
 * A SIGKILL without the kernel's line is not this. Source: torvalds/linux mm/oom_kill.c.
 */
export const upstreamOomKilled = defineRule({
  id: "upstream-oom-killed",
  check(hop, file) {
    for (const member of hop.members) {
      const kernel = oomKill(member, file);
      const own = ownMemoryDeath(member);
      const death = kernel ?? own;
      if (death === undefined) continue;
      const down = member.hop.listening === "no";
      const failing = down || hop.lines.length > 0 || file.client.badShare > 0;
      if (!failing) continue;
      const companion = memberLines(member, "worker-sigkilled", "unit-main-exited", "worker-crashed").at(-1);
      const heap = death.signal === "app-heap-exhausted";
      return {
        confidence: kernel !== undefined || heap ? 0.97 : 0.93,
        hop: "upstream",
        summary: `${serviceName(member)} was killed for memory ${ago(death)}${heap ? ": its runtime's heap was full" : ""}.`,
        for: ids(
          quoteLine(file, death),
          companion && quoteLine(file, companion),
          member.unitFinding,
          ...hop.lines.slice(-1).map((hit) => quoteLine(file, hit)),
        ),
        restart: briefRestart(
          down
            ? "It brings the service back until memory runs out again."
            : "It runs again already; a restart frees what it holds now, not what it needs.",
        ),
        advice: ["Find what grew: a leak, more workers than memory allows, or a limit that is too small."],
        member,
      };
    }
    return undefined;
  },
});
