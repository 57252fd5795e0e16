import { ids, memberLines, proxyLines, quoteLine, serviceName } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";
import { lastWords, oomKill, ownMemoryDeath, serviceState } from "../service-state.ts";
import { SIGNAL_SENTENCES } from "../signal-sentence.ts";

/** The service starts and dies over and over: its manager backs off, or has given up. Source: systemd.unit(5), StartLimitBurst. */
export const upstreamCrashLoop = defineRule({
  id: "upstream-crash-loop",
  check(hop, file) {
    for (const member of hop.members) {
      const state = serviceState(member);
      const respawning = memberLines(member, "app-respawning-too-fast").at(-1);
      const tooFast = respawning !== undefined && member.hop.listening !== "yes";
      if (state !== "looping" && state !== "gave-up" && !tooFast) continue;
      // it serves until a certain request kills it: that is another cause
      const boots = memberLines(member, "app-boot-failed").length === 0;
      if (state === "looping" && boots && proxyLines(hop, "upstream-closed").length > 0) continue;
      const memory = oomKill(member, file) ?? ownMemoryDeath(member);
      const why = memberLines(
        member,
        "app-uncaught-exception",
        "app-boot-failed",
        "app-address-in-use",
        "dependency-refused",
      );
      const exit = memberLines(member, "unit-start-limit", "unit-main-exited").at(-1);
      const cause = why.at(-1);
      const words = cause && lastWords(member, cause);
      const gaveUp = state === "gave-up";
      return {
        // a loop of memory kills is a memory fault first
        confidence: memory === undefined ? 0.96 : 0.6,
        hop: "upstream",
        summary: `${serviceName(member)} ${gaveUp ? "crashed so often that its manager gave up" : "is in a crash loop"}.`,
        for: ids(
          cause && quoteLine(file, words ?? cause, SIGNAL_SENTENCES[cause.signal]),
          member.unitFinding,
          exit && quoteLine(file, exit),
          respawning && quoteLine(file, respawning),
          member.listenFinding,
        ),
        restart: noRestart(
          gaveUp
            ? "The manager refuses another start until reset-failed, and it would crash again."
            : "Its manager restarts it all the time; one more start ends the same way.",
        ),
        advice: [
          cause === undefined
            ? "Read the last lines of its log before each exit."
            : "Fix what the quoted line names.",
          ...(gaveUp ? ["Then: systemctl reset-failed and systemctl start of that unit."] : []),
        ],
        member,
      };
    }
    return undefined;
  },
});
