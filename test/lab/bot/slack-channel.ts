import timers from "node:timers/promises";
import { startSlack } from "../../fakes/slack/start-slack.ts";
import type { Channel } from "./channel.ts";

export async function openSlackChannel(): Promise<Channel> {
  const slack = await startSlack();
  return {
    env: {
      SLACK_BOT_TOKEN: slack.world.botToken,
      SLACK_APP_TOKEN: slack.world.appToken,
      SLACK_API_URL: slack.apiUrl,
    },
    chat: { slack: { channel: slack.channelId } },
    approvers: { slack: ["U0ANA"] },
    messages: () =>
      slack.messages().map(({ ts, text, buttons }) => ({
        id: ts,
        text,
        buttons: buttons.map(({ label }) => label),
        thread: slack.thread(ts).map((reply) => reply.text),
      })),
    async command(site) {
      await slack.slashCommand(site);
    },
    async press(messageId, label) {
      const message = slack.messages().find(({ ts }) => ts === messageId);
      if (message === undefined) throw new Error(`no message ${messageId}`);
      // Slack shows that nobody answered, and people press again
      while (!(await slack.press(message, label)).acked) await timers.setTimeout(200);
    },
    close: () => slack.stop(),
  };
}
