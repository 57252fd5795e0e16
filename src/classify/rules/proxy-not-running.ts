import { ids, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";
import { sayUnit } from "../service-state.ts";

/** The proxy itself is down: the client gets no answer, and nothing listens where the site should be. */
export const proxyNotRunning = defineRule({
  id: "proxy-not-running",
  check(hop, file) {
    const unit = hop.proxy.owner?.unit;
    const down =
      hop.proxy.listening === "no" ||
      (unit !== undefined && ["failed", "inactive"].includes(unit.activeState));
    if (!down || hop.proxy.listening === "yes") return undefined;
    const refusedOutside = hop.depth > 0 || file.client.status === null;
    if (!refusedOutside) return undefined;
    const bind = hop.ownLines.findLast(({ signal }) => signal === "proxy-bind-failed");
    const config = hop.ownLines.findLast(({ signal }) => signal === "proxy-config-invalid");
    const state =
      unit &&
      file.find({
        check: "unit-state",
        host: hop.proxy.host,
        summary: sayUnit(unit),
      });
    const invalid = config !== undefined && unit?.activeState === "failed";
    return {
      confidence: invalid ? 0.6 : unit === undefined ? 0.8 : 0.97,
      hop: "proxy",
      summary: `The proxy${unit === undefined ? "" : ` ${unit.unit}`} on ${hop.proxy.host} is not running${bind === undefined ? "" : ": another program holds its port"}.`,
      for: ids(state, bind && quoteLine(file, bind), file.client.finding),
      restart: noRestart("The upstream is not at fault; the proxy in front of it is down."),
      advice: [
        bind === undefined
          ? `Start the proxy on ${hop.proxy.host} after checking its configuration.`
          : "Find what holds the port (ss -ltnp), end it, then start the proxy.",
      ],
    };
  },
});
