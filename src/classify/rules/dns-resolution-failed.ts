import { ids, proxyLines, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** What is left to do once the name resolves. */
const AFTERWARDS = {
  "at-start": ", then reload the proxy: it resolves names only when it starts.",
  "at-run-time": "; the proxy finds it by itself.",
  unknown: "; then reload the proxy if it resolves names only at start.",
} as const;

/** The upstream's name does not resolve for the proxy: no record, a dead or refusing resolver, or none configured. */
export const dnsResolutionFailed = defineRule({
  id: "dns-resolution-failed",
  check(hop, file) {
    const line = proxyLines(hop, "dns-not-found", "dns-server-failed", "dns-no-resolver").at(-1);
    const unnamed = hop.members.find(
      (member) => member.name !== undefined && member.name.addresses.length === 0,
    );
    if (line === undefined && (unnamed === undefined || file.client.badShare === 0)) return undefined;
    const { address } = (unnamed ?? hop.members[0])?.hop.member ?? {};
    const written = address?.kind === "tcp" ? address.host : undefined;
    const name = line?.holes.host?.replace(/:[0-9]+$/, "") ?? written ?? "the upstream's name";
    const why =
      line?.signal === "dns-no-resolver"
        ? "the proxy's configuration names no resolver"
        : line?.signal === "dns-server-failed"
          ? "its resolver fails or does not answer"
          : "there is no such name for it";
    return {
      confidence: line === undefined ? 0.75 : 0.96,
      hop: "proxy->upstream",
      summary: `The proxy cannot resolve ${name}: ${why}.`,
      for: ids(line && quoteLine(file, line), unnamed?.name?.finding),
      restart: noRestart("The request never finds the service's address."),
      advice: [
        line?.signal === "dns-no-resolver"
          ? "Add a resolver to the proxy's configuration, or name the upstream by address."
          : line?.signal === "dns-server-failed"
            ? "Check the resolver the proxy uses (its own setting, not necessarily /etc/resolv.conf)."
            : `Create or correct the record${AFTERWARDS[(unnamed ?? hop.members[0])?.hop.member.lookup ?? "unknown"]}`,
      ],
      ...(unnamed === undefined ? {} : { member: unnamed }),
    };
  },
});
