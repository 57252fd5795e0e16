import { startDiscord } from "../../test/fakes/discord/start-discord.ts";
import { startSlack } from "../../test/fakes/slack/start-slack.ts";

export type Platforms = Awaited<ReturnType<typeof openPlatforms>>;

/** Slack and Discord in this process, for a bot in another one. Neither limits its rates: what is measured is the bot. */
export async function openPlatforms(options: { readonly beatEveryMs?: number } = {}) {
  const [slack, discord] = await Promise.all([startSlack(), startDiscord(options)]);
  const connected = () => slack.sockets.count() > 0 && discord.gateway.connected() > 0;
  return {
    slack,
    discord,
    /** Sections of the config. */
    chat: {
      slack: { channel: slack.channelId },
      discord: { guild: discord.guildId, channel: discord.channelId },
    },
    environment: {
      SLACK_BOT_TOKEN: slack.world.botToken,
      SLACK_APP_TOKEN: slack.world.appToken,
      SLACK_API_URL: slack.apiUrl,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
    },
    /** One of us is connected to both, and its command stands in Discord. */
    async untilConnected() {
      await Promise.all([
        slack.until("the bot in Slack", () => slack.sockets.count() > 0),
        discord.until("the bot in Discord", connected),
        discord.until("its command", () => (discord.world.commands.get(discord.guildId) ?? []).length > 0),
      ]);
    },
    async close() {
      await Promise.all([slack.stop(), discord.close()]);
    },
  };
}
