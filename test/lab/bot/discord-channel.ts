import { startDiscord } from "../../fakes/discord/start-discord.ts";
import type { Channel } from "./channel.ts";

const ANA = "100000000000000001";

export async function openDiscordChannel(): Promise<Channel> {
  const discord = await startDiscord();
  return {
    env: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    chat: { discord: { guild: discord.guildId, channel: discord.channelId } },
    approvers: { discord: [ANA] },
    messages: () =>
      discord.messages().map(({ id, text, buttons }) => ({
        id,
        text,
        buttons: buttons.filter(({ isDisabled }) => !isDisabled).map(({ label }) => label),
        // a thread that was begun from a message has its id
        thread: discord.messages(id).map((reply) => reply.text),
      })),
    async command(site) {
      discord.command(site);
    },
    async press(messageId, label) {
      const pressed = discord.press(messageId, label);
      if (label !== "Restart upstream only") return;
      const question = () => discord.answers(pressed).find(({ buttons }) => buttons.length > 0);
      await discord.until("a second question", () => question() !== undefined);
      const asked = question();
      const [yes] = asked?.buttons ?? [];
      if (asked !== undefined && yes !== undefined) discord.press(asked.id, yes.label);
    },
    close: () => discord.close(),
  };
}
