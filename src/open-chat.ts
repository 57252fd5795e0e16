import timers from "node:timers/promises";
import { createDiscordSurface, type DiscordSurface } from "./chat/discord/create-discord-surface.ts";
import type { BotEnvironment } from "./config/bot-environment.ts";
import type { Config } from "./config/config.ts";
import type { AlertInbox } from "./intake/alert.ts";
import type { ChatState } from "./web/start-summary.ts";
import type { Log } from "./workflow/log.ts";
import type { Bot } from "./workflow/surface.ts";

interface ChatDeps {
  readonly bot: Bot;
  readonly log: Log;
  readonly isNewProof: AlertInbox["isNewProof"];
}

/** Which chat platforms the tokens and the config switch on, and what is missing for the others. */
export function chooseChat(
  { slack, discord }: BotEnvironment,
  config: Config | undefined,
): { readonly slack: ChatState; readonly discord: ChatState } {
  return {
    slack: chatState(
      [
        ["SLACK_BOT_TOKEN", slack.botToken],
        ["SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET for HTTP)", slack.appToken ?? slack.signingSecret],
      ],
      slack.appToken === undefined ? "HTTP requests at /slack/events" : "Socket Mode",
    ),
    discord: chatState(
      [
        ["DISCORD_TOKEN", discord.token],
        ["chat.discord.guild in the config", config?.chat.discord?.guild],
      ],
      discord.publicKey === undefined ? "gateway" : "HTTP interactions at /discord/interactions",
      discord.token,
    ),
  };
}

/** Off while no token is set; the config alone asks for nothing. */
function chatState(
  needed: readonly (readonly [string, string | undefined])[],
  how: string,
  token = needed.find(([, value]) => value !== undefined)?.[1],
): ChatState {
  if (token === undefined) return { kind: "off" };
  const missing = needed.flatMap(([name, value]) => (value === undefined ? [name] : []));
  return missing.length === 0 ? { kind: "on", how } : { kind: "incomplete", missing };
}

/** Discord, where it is switched on. */
export function openDiscord(
  { discord: { token, publicKey, apiUrl } }: BotEnvironment,
  config: Config | undefined,
  { bot, log, isNewProof }: ChatDeps,
): DiscordSurface | undefined {
  const guild = config?.chat.discord?.guild;
  if (token === undefined || guild === undefined) return undefined;
  return createDiscordSurface({
    token,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    mode: publicKey === undefined ? { kind: "gateway" } : { kind: "http", publicKey, isNewProof },
    guild,
    bot,
    log,
    now: Date.now,
    sleep: (ms, signal) => timers.setTimeout(ms, undefined, { signal }),
  });
}
