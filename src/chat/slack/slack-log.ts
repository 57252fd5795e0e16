import { LogLevel, type webApi } from "@slack/bolt";
import type { Log } from "../../workflow/log.ts";

type Logger = NonNullable<webApi.WebClientOptions["logger"]>;

/**
 * The library's own words in our log, one step quieter: what matters we say ourselves. Never its debug lines, which hold whole payloads.
 */
export function createSlackLog(log: Log): Logger {
  const say = (parts: readonly unknown[]) => parts.map(String).join(" ").slice(0, 500);
  return {
    debug: () => undefined,
    info: (...parts: unknown[]) => log.debug({ surface: "slack" }, say(parts)),
    warn: (...parts: unknown[]) => log.info({ surface: "slack" }, say(parts)),
    error: (...parts: unknown[]) => log.warn({ surface: "slack" }, say(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
