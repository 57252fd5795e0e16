import type { LineDetails, LogClock, LogGrammar } from "../../parser.ts";
import { present } from "../../present.ts";
import { stampTime } from "../common/log-time.ts";

/**
 * MariaDB: `2026-11-20  3:12:09 12 [Warning] Aborted connection`, local time. MySQL 8:
 * `2026-11-20T03:12:09.120456Z 12 [Warning] [MY-010055] [Server] message`, UTC unless told otherwise.
 * Source: MariaDB sql/log.cc, dev.mysql.com error-log-format.
 */
export const errorLog: LogGrammar = { messageStart, details };

const STAMP =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[T ](?<hour>[ \d]\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<ms>\d{3})\d{0,6})?(?<zone>Z|[+-]\d\d:\d\d)? \d{1,20} \[(?<level>[A-Za-z]{3,10})\] /;
const LONGEST_HEADER = 120;

function messageStart(text: string, start: number, end: number): number {
  if (text.charAt(start + 4) !== "-" || text.charAt(start + 7) !== "-") return -1;
  const limit = Math.min(end, start + LONGEST_HEADER);
  let message = -1;
  let open = text.indexOf(" [", start);
  // level, and for MySQL number and subsystem
  while (open >= 0 && open < limit && (message < 0 || open === message - 1)) {
    const close = text.indexOf("] ", open);
    if (close < 0 || close >= limit) break;
    message = close + 2;
    open = text.indexOf(" [", message - 1);
  }
  return message;
}

function details(line: string, clock: LogClock): LineDetails {
  const groups = STAMP.exec(line)?.groups;
  const { zone, level } = groups ?? {};
  return present({
    at: stampTime(groups, zone === undefined ? clock.utcOffsetMinutes : zoneMinutes(zone)),
    level: level?.toLowerCase(),
  });
}

function zoneMinutes(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith("-") ? -minutes : minutes;
}
