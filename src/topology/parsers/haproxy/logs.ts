import type { LogTarget } from "../../target.ts";
import { linesOf, type Section } from "./parse-config.ts";

/** Where Debian's syslog rule puts HAProxy's lines; without a syslog daemon the journal has them. */
const DEBIAN_LOG: LogTarget = { kind: "file", path: "/var/log/haproxy.log" };

/** The logs of a frontend: traffic, server states and errors all go to the same places. */
export function logTargets(section: Section, global: Section | undefined, unit: string): LogTarget[] {
  const own = linesOf(section, "log");
  const inGlobal = global ? linesOf(global, "log") : [];
  const targets = own.flatMap((line) => (line.words[1] === "global" ? inGlobal : [line]));
  const isOff = linesOf(section, "no", "log").length > 0 || (own.length === 0 && targets.length === 0);
  if (isOff) return [{ kind: "off" }];
  const found = targets.flatMap(({ words: [, where = ""] }): LogTarget[] => {
    if (where === "stdout" || where === "stderr" || where.startsWith("fd@"))
      return [{ kind: "journal", unit }];
    if (where.startsWith("ring@")) return [];
    const isLocal = where.startsWith("/") || /^(?:udp@|tcp@)?(?:127\.|localhost|\[::1\])/.test(where);
    return isLocal ? [DEBIAN_LOG, { kind: "journal", unit }] : [{ kind: "syslog", tag: "haproxy" }];
  });
  return [...new Map(found.map((target) => [JSON.stringify(target), target])).values()];
}
