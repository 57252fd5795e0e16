import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeDiscord, From } from "../../fakes/discord/start-discord.ts";
import { CARD, INTENT, startBench } from "./bench.ts";

const BOT = "200000000000000002";

/** What Discord sends for people who may not talk to us, and what they are told. */
const STRANGERS: readonly {
  readonly who: string;
  readonly from: (discord: FakeDiscord) => From;
  readonly told: RegExp;
}[] = [
  {
    who: "somebody in a direct message",
    from: () => ({
      payload: { guild_id: undefined, member: undefined, user: { id: "1", username: "eve" }, context: 1 },
    }),
    told: /direct messages/,
  },
  {
    who: "somebody in a private channel that a user install brought us to",
    from: () => ({
      payload: { guild_id: undefined, member: undefined, user: { id: "1", username: "eve" }, context: 2 },
    }),
    told: /direct messages/,
  },
  {
    who: "somebody of another server",
    from: (discord) => ({ payload: { guild_id: discord.strangeGuildId } }),
    told: /server of my operators/,
  },
  {
    who: "somebody who installed us for themselves",
    from: () => ({ payload: { authorizing_integration_owners: { "1": "100000000000000001" } } }),
    told: /has installed me/,
  },
  { who: "another bot", from: () => ({ by: BOT }), told: /other bots/ },
];

for (const { who, from, told } of STRANGERS) {
  test(`${who} is refused, by command, button and menu alike`, async (context) => {
    const { discord, bot, surface, place } = await startBench(context);
    discord.addMember({ id: BOT, name: "other", isBot: true });
    const { messageId } = await surface.post(place, CARD, "1-1");
    const stranger = from(discord);
    for (const interaction of [
      discord.command("shop", stranger),
      discord.press(messageId, "Deny", stranger),
    ]) {
      await discord.until("an answer", () => interaction.ack !== undefined);
      assert.match(discord.answers(interaction)[0]?.text ?? "", told);
      assert.ok(((discord.answers(interaction)[0]?.flags ?? 0) & 64) !== 0);
    }
    const typed = discord.autocomplete("sh", stranger);
    await discord.until("suggestions", () => typed.ack !== undefined);
    assert.deepEqual(typed.ack?.data, { choices: [] });
    assert.deepEqual([bot.commands, bot.presses], [[], []]);
  });
}

const FORGED = [
  "approve",
  "approve:",
  `approve:${INTENT}:not-a-message`,
  `approve:${INTENT}:123456789012345678:more`,
  `ask:approve:${INTENT}:123456789012345678`,
  `restart:${INTENT}`,
  "approve:../../etc/passwd",
  `Approve:${INTENT}`,
  "deny:id with spaces",
  "constructor:1",
];

test("a button that is not one of ours is heard by nobody", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  const { messageId } = await surface.post(place, CARD, "1-1");
  const buttons = FORGED.map((custom_id) => ({ type: 2, style: 2, label: custom_id, custom_id }));
  const message = discord.world.messages.get(messageId);
  assert.ok(message);
  message.body = { components: [{ type: 1, components: buttons }] };
  const forged = FORGED.map((customId) => discord.press(messageId, customId));
  const last = discord.command("shop");
  await discord.until("what came after them is answered", () =>
    discord.answers(last).some(({ text }) => text !== ""),
  );
  assert.deepEqual(bot.presses, []);
  assert.deepEqual(
    forged.filter(({ acks }) => acks > 0),
    [],
  );
});

test("who presses is told by the payload's user id, whatever name they took", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  discord.addMember({ id: "300000000000000003", name: "ana <@&1> @everyone" });
  const { messageId } = await surface.post(place, CARD, "1-1");
  discord.press(messageId, "Deny", { by: "300000000000000003" });
  await discord.until("the press arrives", () => bot.presses.length > 0);
  assert.equal(bot.presses[0]?.person.id, "300000000000000003");
});
