import type { ChatWorld } from "./chat-world.ts";
import { holdsWithin } from "./holds-within.ts";

const APPROVE = "Restart upstream only";
const PATIENCE_MS = 60_000;

/** Presses the button that Slack shows for this site, again where Slack shows an error. @throws when there is none. */
export async function approveOnSlack({ platforms: { slack } }: ChatWorld, site: string): Promise<void> {
  const card = slack
    .messages()
    .find(({ text, buttons }) => text.includes(site) && buttons.some(({ label }) => label === APPROVE));
  if (card === undefined) throw new Error(`Slack shows no button for ${site}`);
  await holdsWithin(PATIENCE_MS, async () => (await slack.press(card, APPROVE)).acked);
}

/** The same in Discord, its second question included. */
export async function approveOnDiscord({ platforms: { discord } }: ChatWorld, site: string): Promise<void> {
  const card = discord
    .messages()
    .find(({ text, buttons }) => text.includes(site) && buttons.some(({ label }) => label === APPROVE));
  if (card === undefined) throw new Error(`Discord shows no button for ${site}`);
  const question = discord.press(card.id, APPROVE);
  await holdsWithin(PATIENCE_MS, () => discord.answers(question)[0]?.buttons.length === 2);
  const [asked] = discord.answers(question);
  discord.press(asked?.id ?? "", asked?.buttons[0]?.label ?? "");
}

/** Remembers what people typed and pressed, so that the platforms can bring it again. */
export function recordDeliveries({ platforms: { slack, discord } }: ChatWorld) {
  const { send } = slack.deliveries;
  const sent: Parameters<typeof send>[] = [];
  slack.deliveries.send = (...delivery) => {
    sent.push(delivery);
    return send(...delivery);
  };
  return {
    /** Three times each, as Slack does. Gives how many were brought. */
    async again(): Promise<number> {
      const pressed = [...discord.world.interactions.values()];
      for (let time = 0; time < 3; time++) {
        for (const delivery of sent) await send(...delivery);
        for (const { payload } of pressed) discord.gateway.dispatch("INTERACTION_CREATE", payload);
      }
      return 3 * (sent.length + pressed.length);
    },
  };
}
