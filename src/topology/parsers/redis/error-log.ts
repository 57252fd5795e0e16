import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { present } from "../../present.ts";
import { stampTime } from "../common/log-time.ts";

/** `1234:M 20 Nov 2026 03:12:09.120 # Can't save in background: fork: …`, local time. Source: redis src/server.c (serverLogRaw). */
export const errorLog: LogGrammar = { messageStart, details };

const STAMP =
  /^(?<pid>\d{1,10}):[MSCX] (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)\.(?<ms>\d{3}) (?<level>[.\-*#]) /;
const LEVELS: Readonly<Record<string, string>> = {
  ".": "debug",
  "-": "verbose",
  "*": "notice",
  "#": "warning",
};
const AFTER_ROLE = " 20 Nov 2026 03:12:09.120 # ".length;

function messageStart(text: string, start: number, end: number): number {
  const colon = text.indexOf(":", start);
  if (colon < 0 || colon - start > 10 || colon + 2 + AFTER_ROLE > end) return -1;
  const isStamped =
    text.charAt(colon + 2) === " " && text.charAt(colon + 17) === ":" && text.charAt(colon + 23) === ".";
  return isStamped ? colon + 2 + AFTER_ROLE : -1;
}

function details(line: string, clock: LogClock): LineDetails {
  const groups = STAMP.exec(line)?.groups;
  if (groups === undefined) return {};
  const { pid, level = "" } = groups;
  return present({
    at: stampTime(groups, clock.utcOffsetMinutes),
    pid: Number(pid),
    level: LEVELS[level],
  });
}
