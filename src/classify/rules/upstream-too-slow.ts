import type { HopCase, MemberCase } from "../case-file.ts";
import { ids, isAbout, memberLines, proxyLines, quoteLine, serviceName } from "../hop-view.ts";
import { briefRestart, defineRule } from "../rule.ts";

const WAITED = ["upstream-read-timed-out", "upstream-send-timed-out"] as const;

/** The upstream took the connection and said nothing until the proxy's timer ran out. */
export const upstreamTooSlow = defineRule({
  id: "upstream-too-slow",
  check(hop, file) {
    const line = proxyLines(hop, ...WAITED).at(-1);
    const member = slowMember(hop, line === undefined ? undefined : (m) => isAbout(line, m, hop));
    const silent = member?.direct?.exitCode === 28;
    if (line === undefined && !(silent && file.client.badShare > 0)) return undefined;
    const stopped = member?.process?.state === "T";
    const slow = member === undefined ? undefined : memberLines(member, "worker-slow").at(-1);
    const after = hop.proxy.route?.settings.readTimeoutMs;
    const name = member === undefined ? "The upstream" : serviceName(member);
    return {
      confidence: stopped ? 0.96 : line === undefined ? 0.7 : 0.82,
      hop: "upstream",
      summary: stopped
        ? `${name} is alive but stopped (SIGSTOP): it accepts connections and never answers.`
        : `${name} takes requests but does not answer${after === undefined ? " in time" : ` within ${after / 1000} s`}.`,
      for: ids(
        line && quoteLine(file, line),
        slow && quoteLine(file, slow),
        member?.direct?.finding,
        member?.unitFinding,
      ),
      restart: briefRestart(
        stopped
          ? "It replaces the hanging process; who stopped it is not known."
          : "It frees what hangs now; slow requests come back.",
      ),
      advice: stopped
        ? ["Ask who stopped it (a debugger, kill -STOP); kill -CONT continues it without losing its state."]
        : [
            "Find what it waits for: its slow log, a stack of a busy worker, its connections to a database or an API.",
          ],
      ...(member === undefined ? {} : { member }),
    };
  },
});

function slowMember(hop: HopCase, about?: (member: MemberCase) => boolean): MemberCase | undefined {
  const hanging = hop.members.find(
    (member) => member.process?.state === "T" || member.direct?.exitCode === 28,
  );
  return hanging ?? hop.members.find((member) => about?.(member) ?? false) ?? hop.members[0];
}
