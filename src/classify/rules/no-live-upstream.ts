import { ids, proxyLines, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The balancer has marked every member down. It is an answer only when why they went down could not be seen. */
export const noLiveUpstream = defineRule({
  id: "no-live-upstream",
  check(hop, file) {
    const line = proxyLines(hop, "no-live-upstream", "peer-disabled").at(-1);
    if (line === undefined) return undefined;
    const first = [...hop.staleLines, ...hop.lines].find(({ signal }) => signal === "peer-down");
    return {
      confidence: 0.62,
      hop: "proxy->upstream",
      summary: `The proxy on ${hop.proxy.host} has no live member left in its upstream group.`,
      for: ids(quoteLine(file, line), first && quoteLine(file, first)),
      restart: noRestart("Which member failed first, and why, is not known yet."),
      advice: ["Look at the members one by one; the proxy tries them again after its retry time."],
    };
  },
});
