import { ids, isAbout, memberLines, proxyLines, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

/** The response's header block does not fit the proxy's buffer: long cookies, tokens, or policy headers. */
export const responseHeaderTooLarge = defineRule({
  id: "response-header-too-large",
  check(hop, file) {
    const line = proxyLines(hop, "response-header-too-large").at(-1);
    const vague = proxyLines(hop, "response-malformed").at(-1);
    const limit = hop.proxy.route?.settings.headerBufferBytes;
    const said = line ?? vague;
    const member = said && hop.members.find((candidate) => isAbout(said, candidate, hop));
    const size = member?.direct?.headerBytes;
    const measured =
      size !== undefined && limit !== undefined && size >= limit * 0.9 && member?.direct?.exitCode === 0;
    const refused =
      member === undefined ? undefined : memberLines(member, "response-header-too-large").at(-1);
    if (line === undefined && refused === undefined && !(vague !== undefined && measured)) return undefined;
    const numbers = size === undefined || limit === undefined ? "" : `: ${size} bytes against ${limit}`;
    return {
      confidence: line === undefined ? 0.93 : 0.97,
      hop: "proxy->upstream",
      summary: `The response header is larger than the proxy's buffer${numbers}.`,
      for: ids(
        line && quoteLine(file, line),
        vague && quoteLine(file, vague),
        refused && quoteLine(file, refused),
        measured ? member?.direct?.finding : undefined,
      ),
      restart: noRestart("The application sends the same header again."),
      advice: [
        "Make the header smaller (cookies first), or enlarge the proxy's header buffer for this route.",
      ],
      ...(member === undefined ? {} : { member }),
    };
  },
});
