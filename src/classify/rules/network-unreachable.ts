import { failingMembers, ids } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";
import { matchingFilters } from "./firewall-drop.ts";

const NO_PATH = {
  outcomes: ["unreachable", "no-route", "timed-out", "denied"],
  signals: ["connect-unreachable", "connect-no-route", "connect-timed-out"],
} as const;

/** The kernel asks three times, a second apart, before it says that nobody has the address. */
const NO_NEIGHBOUR_MS = 2000;

/** No route, a dead machine, or no neighbour at that address. */
export const networkUnreachable = defineRule({
  id: "network-unreachable",
  check(hop, file) {
    for (const { member, evidence } of failingMembers(hop, file, NO_PATH)) {
      if (member.hop.member.address.kind === "unix") continue;
      const filters = matchingFilters(member, hop.proxy.host, file);
      const outcome = member.connect?.outcome;
      const noRoute = outcome === "no-route" || hop.lines.some((hit) => hit.signal === "connect-no-route");
      const noNeighbour = outcome === "unreachable" && (member.connect?.ms ?? 0) >= NO_NEIGHBOUR_MS;
      const dead = deadHost(member.hop.host);
      const prohibited = outcome === "denied" && filters.length === 0;
      const barred = file.host(hop.proxy.host)?.barredRoutes.find(({ covers }) => covers(member));
      if (!noRoute && !noNeighbour && !dead && !prohibited && barred === undefined) continue;
      const what = dead
        ? `${member.hop.host} does not answer at all`
        : noRoute || prohibited || barred !== undefined
          ? `${hop.proxy.host} has no route to ${member.label}`
          : `no machine answers at ${member.label}`;
      return {
        confidence: barred !== undefined ? 0.97 : noRoute || dead ? 0.93 : prohibited ? 0.8 : 0.9,
        hop: "proxy->upstream",
        summary: `The network between proxy and upstream is broken: ${what}.`,
        for: ids(barred?.finding, ...evidence, dead ? unreachableFinding(member.hop.host) : undefined),
        restart: noRestart("The request never reaches the service."),
        advice: [
          noRoute || prohibited
            ? `Look at the routes of ${hop.proxy.host} (ip route get).`
            : "Bring the machine or its interface up, or correct the address.",
        ],
        member,
      };
    }
    return undefined;

    function deadHost(host: string | undefined): boolean {
      return host !== undefined && file.host(host)?.unreachable !== undefined;
    }
    function unreachableFinding(host: string | undefined): string | undefined {
      const reason = host === undefined ? undefined : file.host(host)?.unreachable;
      if (host === undefined || reason === undefined) return undefined;
      return file.find({ check: "ssh", host, summary: reason });
    }
  },
});
