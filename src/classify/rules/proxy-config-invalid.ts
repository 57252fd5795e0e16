import { ids, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The proxy cannot start, or cannot load what was changed, because its configuration is invalid. */
export const proxyConfigInvalid = defineRule({
  id: "proxy-config-invalid",
  check(hop, file) {
    const line = hop.ownLines.findLast(({ signal }) => signal === "proxy-config-invalid");
    if (line === undefined) return undefined;
    const unit = hop.proxy.owner?.unit;
    const down = hop.proxy.listening === "no" || unit?.activeState === "failed";
    if (!down && file.client.badShare === 0) return undefined;
    return {
      confidence: down ? 0.96 : 0.4,
      hop: "proxy",
      summary: down
        ? `The proxy on ${hop.proxy.host} cannot start: its configuration is invalid.`
        : `The proxy on ${hop.proxy.host} runs with its old configuration: the one on disk is invalid.`,
      for: ids(quoteLine(file, line), file.client.finding),
      restart: noRestart("The upstream is not at fault."),
      advice: [
        "Fix the place the quoted line names, test the configuration, then start or reload the proxy.",
      ],
    };
  },
});
