import { ids, memberLines, proxyLines, quoteLine, serviceName } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";
import { crashLine, serviceState } from "../service-state.ts";

/** A closed connection that was idle shows at once; anything slower was working on the request. */
const AT_ONCE_MS = 20;

/**
 * The proxy reused an idle connection in the moment the upstream closed it. The failures come at once, only now and then,
 * mostly for requests that may not be repeated, and nothing died.
 */
export const keepaliveRace = defineRule({
  id: "keepalive-race",
  check(hop, file) {
    const line = proxyLines(hop, "upstream-closed", "upstream-send-failed").at(-1);
    if (line === undefined) return undefined;
    const { settings } = hop.proxy.route ?? {};
    if (settings?.reusesConnections === false) return undefined;
    for (const member of hop.members) {
      const state = serviceState(member);
      const nothingDied =
        crashLine(member) === undefined &&
        memberLines(member, "worker-killed-by-own-timeout", "worker-sigkilled").length === 0;
      if (!nothingDied || state === "looping" || state === "failed" || state === "stopped") continue;
      const works = member.direct?.exitCode === 0 && (member.direct.status ?? 599) < 500;
      const rare = file.client.badShare < 1;
      if (!rare || !(works || member.direct === undefined)) continue;
      const bad = hop.access.entries.filter(({ status }) => status === 502);
      const timed = bad.filter(({ durationMs }) => durationMs !== undefined);
      const atOnce =
        timed.length > 0 && timed.every(({ durationMs }) => (durationMs ?? Infinity) <= AT_ONCE_MS);
      const post = /^(POST|PATCH|LOCK)\b/.test(line.details.request ?? "");
      const keepalive = member.hop.owner?.settings.keepaliveMs;
      if (settings?.reusesConnections !== true && !atOnce && !post) continue;
      return {
        confidence: settings?.reusesConnections === true ? (atOnce || post ? 0.93 : 0.85) : 0.7,
        hop: "proxy->upstream",
        summary: `${serviceName(member)} closes idle connections${keepalive === undefined ? "" : ` after ${keepalive / 1000} s`} that the proxy is about to reuse.`,
        for: ids(quoteLine(file, line), member.direct?.finding, member.unitFinding),
        restart: noRestart("Nothing is broken in the service; the two idle timers are in the wrong order."),
        advice: [
          "Make the service keep idle connections longer than the proxy does (proxy's upstream keepalive timeout < service's keep-alive timeout).",
        ],
        member,
      };
    }
    return undefined;
  },
});
