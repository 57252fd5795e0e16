import assert from "node:assert/strict";
import { test } from "node:test";
import { CARD, INTENT, startBench } from "./bench.ts";

const EPHEMERAL = 1 << 6;

test("a command is acknowledged privately at once, and answered when the bot has an answer", async (context) => {
  const { discord, bot, place } = await startBench(context);
  const asked = discord.command("shop");
  await discord.until("the command is answered", () =>
    discord.answers(asked).some(({ text }) => text !== ""),
  );
  assert.equal(asked.ack?.type, 5);
  const [answer] = discord.answers(asked);
  assert.equal(answer?.text, "Looking at shop.");
  assert.ok(((answer?.flags ?? 0) & EPHEMERAL) !== 0);
  assert.deepEqual(bot.commands, [{ text: "shop", person: "100000000000000001", place }]);
});

test("a card is a message of the channel with a thread beneath it, and is edited in place", async (context) => {
  const { discord, surface, place } = await startBench(context);
  const posted = await surface.post(place, { ...CARD, tone: "working", headline: "shop: looking …" }, "1-1");
  await surface.update(place, posted, CARD);
  const [message, ...others] = discord.messages();
  assert.equal(others.length, 0);
  assert.equal(message?.id, posted.messageId);
  assert.equal(message.edits, 1);
  assert.match(message.text, /^### ?php8\.2-fpm on origin-1 is down/m);
  assert.match(message.text, /❌ \*\*upstream origin-1\*\* \(broken\)/);
  assert.deepEqual(
    message.buttons.map(({ label }) => label),
    ["Restart upstream only", "Deny", "Look again"],
  );
  await surface.reply(place, posted, { key: "1", text: "Approved by ana.", quotes: [], loud: true });
  assert.match(discord.messages(posted.threadId)[0]?.text ?? "", /Approved by ana\./);
});

test("a pressed button reaches the bot with the person, the place and the message", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  const { messageId } = await surface.post(place, CARD, "1-1");
  const pressed = discord.press(messageId, "Deny");
  await discord.until("the press is answered", () =>
    discord.answers(pressed).some(({ text }) => text !== ""),
  );
  const person = { surface: "discord", workspace: discord.guildId, id: "100000000000000001", name: "ana" };
  assert.deepEqual(bot.presses, [{ action: "deny", value: INTENT, person, place, messageId }]);
  assert.equal(discord.answers(pressed)[0]?.text, "Noted: deny.");
});
