import type { CaseFile, HopCase } from "../case-file.ts";
import { ids, proxyLines, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The balancer has marked every member down. It is an answer only when why they went down could not be seen. */
export const noLiveUpstream = defineRule({
  id: "no-live-upstream",
  check(hop, file) {
    const line = proxyLines(hop, "no-live-upstream", "peer-disabled").at(-1);
    const states = statesOfDead(hop, file);
    if (line === undefined && states.length === 0) return undefined;
    const first = [...hop.staleLines, ...hop.lines].find(({ signal }) => signal === "peer-down");
    return {
      confidence: 0.62,
      hop: "proxy->upstream",
      summary: `The proxy on ${hop.proxy.host} has no live member left in its upstream group.`,
      for: ids(line && quoteLine(file, line), first && quoteLine(file, first), ...states),
      restart: noRestart("Which member failed first, and why, is not known yet."),
      advice: ["Look at the members one by one; the proxy tries them again after its retry time."],
    };
  },
});

/** A finding for each member, when the running proxy itself says of every one that it is out; else none. */
function statesOfDead({ members, proxy }: HopCase, file: CaseFile): readonly string[] {
  const dead = members.flatMap(({ hop: { member } }) =>
    member.state !== undefined && /^(DOWN|MAINT)/.test(member.state) ? [member] : [],
  );
  if (dead.length < members.length || file.client.badShare === 0) return [];
  return dead.map(({ label, state }) =>
    file.find({ check: "proxy-state", host: proxy.host, summary: `The proxy says of ${label}: ${state}.` }),
  );
}
