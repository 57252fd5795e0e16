import { ids, memberLines, proxyLines, quoteLine, serviceName } from "../hop-view.ts";
import { briefRestart, defineRule } from "../rule.ts";

const WAITED = [
  "upstream-read-timed-out",
  "connect-timed-out",
  "client-gave-up",
  "proxy-queue-timed-out",
] as const;

/** Samples and the direct request of this diagnosis may be waiting themselves. */
const OUR_REQUESTS = 6;

/** Every worker is busy; requests wait in the listen queue, which is not overflowing. Told from one slow page by the pool's own word or its queue. */
export const workerPoolExhausted = defineRule({
  id: "worker-pool-exhausted",
  check(hop, file) {
    const waited = proxyLines(hop, ...WAITED).at(-1);
    const proxyPool = [
      ...proxyLines(hop, "proxy-queue-timed-out"),
      ...hop.ownLines.filter((h) => h.signal === "proxy-workers-exhausted"),
    ].at(-1);
    for (const member of hop.members) {
      const word = memberLines(member, "worker-pool-exhausted").at(-1);
      const queue = member.hop.listener;
      const workers = member.hop.owner?.settings.maxWorkers;
      // a queue in front of a service without a fixed number of workers only says that it is slow
      const queued =
        workers !== undefined &&
        queue !== undefined &&
        queue.recvQ > OUR_REQUESTS &&
        queue.recvQ < queue.sendQ;
      const waiting = waited !== undefined || member.direct?.exitCode === 28 || file.client.badShare > 0;
      if (!waiting || (word === undefined && !queued) || member.process?.state === "T") continue;
      return {
        confidence: word === undefined ? 0.86 : 0.93,
        hop: "upstream",
        summary: `All ${workers === undefined ? "" : `${workers} `}workers of ${serviceName(member)} are busy; requests wait in its queue.`,
        for: ids(
          word && quoteLine(file, word),
          queued ? member.listenFinding : undefined,
          waited && quoteLine(file, waited),
          member.direct?.finding,
        ),
        restart: briefRestart("It empties the queue; the load that filled the pool returns."),
        advice: ["Find the slow requests that hold the workers before adding workers."],
        member,
      };
    }
    if (proxyPool === undefined) return undefined;
    return {
      confidence: 0.85,
      hop: proxyPool.signal === "proxy-workers-exhausted" ? "proxy" : "proxy->upstream",
      summary: "The proxy has no free slot for another request to the upstream.",
      for: ids(quoteLine(file, proxyPool)),
      restart: briefRestart("It frees the slots; the slow upstream fills them again."),
      advice: ["Find the slow requests that hold the slots."],
    };
  },
});
