import timers from "node:timers/promises";
import { createDiscordSurface, type DiscordSurface } from "./chat/discord/create-discord-surface.ts";
import { createSlackSurface, type SlackMode, type SlackSurface } from "./chat/slack/create-slack-surface.ts";
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

/** The platforms that the tokens and the config switch on. */
export interface OpenChat {
  readonly slack?: SlackSurface;
  readonly discord?: DiscordSurface;
}

/** Which platforms are on, and what is missing for the others. */
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
    // the config alone asks for nothing
    discord: chatState(
      [
        ["DISCORD_TOKEN", discord.token],
        ["chat.discord.guild in the config", config?.chat.discord?.guild],
      ],
      discord.publicKey === undefined ? "gateway" : "HTTP interactions at /discord/interactions",
      { isWanted: (discord.token ?? discord.publicKey) !== undefined },
    ),
  };
}

function chatState(
  needed: readonly (readonly [string, string | undefined])[],
  how: string,
  { isWanted = needed.some(([, value]) => value !== undefined) } = {},
): ChatState {
  if (!isWanted) return { kind: "off" };
  const missing = needed.flatMap(([name, value]) => (value === undefined ? [name] : []));
  return missing.length === 0 ? { kind: "on", how } : { kind: "incomplete", missing };
}

export function openChat(tokens: BotEnvironment, config: Config | undefined, deps: ChatDeps): OpenChat {
  const slack = openSlack(tokens, deps);
  const discord = openDiscord(tokens, config, deps);
  return { ...(slack === undefined ? {} : { slack }), ...(discord === undefined ? {} : { discord }) };
}

function openSlack({ slack }: BotEnvironment, { bot, log, isNewProof }: ChatDeps): SlackSurface | undefined {
  const { botToken, apiUrl } = slack;
  const mode = slackMode(slack, isNewProof);
  if (botToken === undefined || mode === undefined) return undefined;
  return createSlackSurface({
    ...mode,
    botToken,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    bot,
    log,
    now: Date.now,
    sleep: (ms, signal) => timers.setTimeout(ms, undefined, { signal }).catch(() => undefined),
  });
}

/** Socket Mode, unless there is only the secret of the other way. */
function slackMode(
  { appToken, signingSecret }: BotEnvironment["slack"],
  isNewProof: ChatDeps["isNewProof"],
): SlackMode | undefined {
  if (appToken !== undefined) return { mode: "socket", appToken };
  if (signingSecret === undefined) return undefined;
  // two, parted by a comma, while one is being rotated
  return {
    mode: "http",
    signingSecrets: signingSecret.split(",").map((secret) => secret.trim()),
    isNewProof,
  };
}

function openDiscord(
  { discord: { token, publicKey, apiUrl } }: BotEnvironment,
  config: Config | undefined,
  { bot, log, isNewProof }: ChatDeps,
): DiscordSurface | undefined {
  const guild = config?.chat.discord?.guild;
  if (token === undefined || guild === undefined) return undefined;
  return createDiscordSurface({
    token,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    mode: publicKey === undefined ? { kind: "gateway" } : { kind: "http", publicKey },
    guild,
    bot,
    isNewProof,
    log,
    now: Date.now,
    sleep: (ms, signal) => timers.setTimeout(ms, undefined, { signal }),
  });
}
