import { ids, isAbout, proxyLines, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The upstream's status line, header, length or chunking is not valid; the same on every request of that page. */
export const responseMalformed = defineRule({
  id: "response-malformed",
  check(hop, file) {
    const line = proxyLines(hop, "response-malformed").at(-1);
    if (line === undefined) return undefined;
    const member = hop.members.find((candidate) => isAbout(line, candidate, hop));
    const limit = hop.proxy.route?.settings.headerBufferBytes;
    const size = member?.direct?.headerBytes;
    const large = size !== undefined && limit !== undefined && size >= limit * 0.9;
    return {
      confidence: large ? 0.4 : 0.93,
      hop: "proxy->upstream",
      summary: `${member?.label ?? "The upstream"} sends an answer that is not valid.`,
      for: ids(quoteLine(file, line), member?.direct?.finding),
      restart: noRestart("The application builds the same answer again."),
      advice: [
        "Fix the header or length the application sends; look at what changed there (or at a proxy upgrade that became stricter).",
      ],
      ...(member === undefined ? {} : { member }),
    };
  },
});
