import type { Interaction } from "../../test/fakes/discord/world.ts";
import type { StoredMessage } from "../../test/fakes/slack/world.ts";
import { type BotPlace, sendAlert } from "./bot-process.ts";
import { until } from "./eyes.ts";
import type { Platforms } from "./platforms.ts";

/** A proposal each, of a host in memory; the first half is decided in Slack, the second in Discord. Every other answer is a no. */
export const DECIDED_SITES = Array.from({ length: 80 }, (_, index) => `p${index}`);
const HALF = DECIDED_SITES.length / 2;

const APPROVE = "Restart upstream only";
const DENY = "Deny";
const PATIENCE_MS = 120_000;

/** Has a restart offered for each site, up to the last click: in Discord an approval is asked for twice. */
export async function offerDecisions({ port }: BotPlace, { slack, discord }: Platforms) {
  for (const site of DECIDED_SITES) await sendAlert(port, { site, id: site });
  const isNo = (index: number) => index % 2 === 1;
  const asks = (text: string, site: string) =>
    text.includes(`"${APPROVE}"`) && text.includes(`http://${site}.example.com/`);

  const slackCards = new Map<number, StoredMessage>();
  await until(
    "a button for each in Slack",
    () => {
      for (const message of slack.world.messages) {
        const text = JSON.stringify(message.blocks);
        const index = DECIDED_SITES.slice(0, HALF).findIndex((site) => asks(text, site));
        if (index >= 0) slackCards.set(index, message);
      }
      return slackCards.size >= HALF;
    },
    PATIENCE_MS,
  );
  const discordCards = new Map<number, string>();
  await until(
    "a button for each in Discord",
    () => {
      for (const { id, body } of discord.world.messages.values()) {
        const text = JSON.stringify(body.components ?? []);
        const index = DECIDED_SITES.findIndex((site, nth) => nth >= HALF && asks(text, site));
        if (index >= 0) discordCards.set(index, id);
      }
      return discordCards.size >= HALF;
    },
    PATIENCE_MS,
  );
  const questions = new Map<number, Interaction>();
  for (const [index, id] of discordCards) if (!isNo(index)) questions.set(index, discord.press(id, APPROVE));
  const questionOf = (interaction: Interaction | undefined) =>
    interaction && discord.answers(interaction).find(({ buttons }) => buttons.length === 2);
  await until("each second question", () =>
    [...questions.values()].every((question) => questionOf(question) !== undefined),
  );

  const slackMs: number[] = [];
  const pressed: Interaction[] = [];
  return {
    decide(index: number): void {
      const card = slackCards.get(index);
      const id = discordCards.get(index);
      const question = questionOf(questions.get(index));
      if (card !== undefined) {
        const pressedAt = performance.now();
        void slack.press(card, isNo(index) ? DENY : APPROVE).then(({ acked }) => {
          slackMs.push(acked ? performance.now() - pressedAt : Number.POSITIVE_INFINITY);
        });
      } else if (question !== undefined) {
        pressed.push(discord.press(question.id, question.buttons[0]?.label ?? ""));
      } else if (id !== undefined) {
        pressed.push(discord.press(id, DENY));
      }
    },
    /** How long each waited for its acknowledgement. */
    waitedMs: () => ({
      slack: slackMs,
      discord: pressed.map(({ ack, createdAt }) =>
        ack === undefined ? Number.POSITIVE_INFINITY : ack.at - createdAt,
      ),
    }),
  };
}
