import type { LogClock, LogGrammar } from "../topology/parser.ts";
import { present } from "../topology/present.ts";
import type { AccessEntry, AccessSummary } from "./case-file.ts";

/** At most this many of the newest lines are read: enough for an hour of one busy site. */
const MAX_LINES = 20_000;

/** The access log's lines for one site, oldest first; lines of other hosts are left out where the log says whose they are. */
export function readAccess(
  text: string,
  options: {
    readonly grammar: LogGrammar;
    readonly clock: LogClock;
    readonly skewMs: number;
    readonly siteHost: string;
    readonly shared: boolean;
  },
): AccessSummary {
  const { grammar, clock, skewMs, siteHost, shared } = options;
  let attributed = 0;
  const entries: AccessEntry[] = [];
  for (const line of text.split("\n").slice(-MAX_LINES)) {
    if (line === "" || grammar.messageStart(line, 0, line.length) < 0) continue;
    const details = grammar.details(line, clock);
    if (details.at === undefined || details.status === undefined) continue;
    if (details.requestHost !== undefined) {
      attributed += 1;
      if (hostOf(details.requestHost) !== siteHost) continue;
    }
    const { status, durationMs } = details;
    entries.push(present({ at: shift(details.at, skewMs), status, durationMs }));
  }
  return { entries, mixed: shared && attributed === 0 };
}

/** The name in a Host header, lower-case and without its port. */
export function hostOf(header: string): string {
  return header.toLowerCase().replace(/:\d{1,5}$/, "");
}

/** A time of their clock on ours. */
export function shift(at: string, skewMs: number): string {
  return skewMs === 0 ? at : new Date(Date.parse(at) - skewMs).toISOString();
}
