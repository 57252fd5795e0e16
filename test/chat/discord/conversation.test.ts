import assert from "node:assert/strict";
import { test } from "node:test";
import { PermissionFlagsBits } from "discord.js";
import { StoreError } from "../../../src/store/store-error.ts";
import { SurfaceError } from "../../../src/workflow/surface.ts";
import type { FakeDiscord } from "../../fakes/discord/start-discord.ts";
import { answerTo, CARD, fakeBot, INTENT, startBench, surfaceOf } from "./bench.ts";

const EPHEMERAL = 1 << 6;
const SILENT = 1 << 12;
const MINUTE = 60_000;

test("a command is acknowledged privately at once, and answered when the bot has an answer", async (context) => {
  const { discord, bot, place } = await startBench(context);
  const asked = discord.command("shop");
  const answer = await answerTo(discord, asked);
  assert.deepEqual(asked.ack, { ...asked.ack, type: 5, data: { flags: EPHEMERAL } });
  assert.equal(answer.text, "Looking at shop.");
  assert.ok((answer.flags & EPHEMERAL) !== 0);
  assert.deepEqual(bot.commands, [{ text: "shop", person: "100000000000000001", place }]);
});

test("a command without a site offers the sites, and the one that is chosen is the command", async (context) => {
  const { discord, bot } = await startBench(context);
  const asked = discord.command(undefined);
  const { id, text } = await answerTo(discord, asked);
  assert.equal(text, "Which site?");
  const chosen = discord.choose(id, "site", "blog");
  assert.equal((await answerTo(discord, chosen)).text, "Looking at blog.");
  assert.deepEqual(
    bot.commands.map(({ text: site }) => site),
    ["", "blog"],
  );
});

test("site names are suggested while they are typed, at most 25", async (context) => {
  const bot = fakeBot({ suggestSites: (prefix) => Array.from({ length: 40 }, (_, n) => `${prefix}-${n}`) });
  const { discord } = await startBench(context, { bot });
  const typed = discord.autocomplete("sh");
  await discord.until("suggestions", () => typed.ack !== undefined);
  const choices = typed.ack?.data.choices;
  assert.ok(Array.isArray(choices));
  assert.equal(choices.length, 25);
  assert.deepEqual(choices[0], { name: "sh-0", value: "sh-0" });
});

test("a command that fails inside the bot is answered, not left thinking", async (context) => {
  const bot = fakeBot({ command: () => Promise.reject(new Error("disk full")) });
  const { discord, log } = await startBench(context, { bot });
  const answer = await answerTo(discord, discord.command("shop"));
  assert.match(answer.text, /did not work/);
  assert.doesNotMatch(answer.text, /disk full/);
  assert.ok(log.lines.some((line) => line.includes("disk full")));
});

test("what an operator can see to is told to whoever met it", async (context) => {
  const full = new StoreError("The disk is full.", { hint: "Make room." });
  const { discord } = await startBench(context, { bot: fakeBot({ command: () => Promise.reject(full) }) });
  const answer = await answerTo(discord, discord.command("shop"));
  assert.equal(answer.text, "The disk is full. Make room.");
});

test("a card is a message of the channel with a thread beneath it, and is edited in place", async (context) => {
  const { discord, surface, place } = await startBench(context);
  const posted = await surface.post(place, { ...CARD, tone: "working", headline: "shop: looking …" }, "1-1");
  await surface.update(place, posted, CARD);
  const [message, ...others] = discord.messages();
  assert.equal(others.length, 0);
  assert.equal(message?.id, posted.messageId);
  assert.equal(message.edits, 1);
  assert.equal(message.accent, 0xdc2626);
  assert.match(message.text, /^### php8\.2-fpm on origin-1 is down/);
  assert.match(message.text, /❌ \*\*upstream origin-1\*\* \(broken\)/);
  assert.deepEqual(message.links, [CARD.url]);
  assert.deepEqual(message.fences, ["\nkernel: Out of memory: Killed process 812 (php-fpm8.2)\n"]);
  assert.deepEqual(
    message.buttons.map(({ label }) => label),
    ["Restart upstream only", "Deny", "Look again"],
  );
  assert.equal(discord.world.channels.get(posted.threadId)?.name, "#42 shop");
});

test("what is posted again under the same key is the same message with the same thread", async (context) => {
  const { discord, surface, place } = await startBench(context);
  const first = await surface.post(place, CARD, "1-1");
  assert.deepEqual(await surface.post(place, CARD, "1-1"), first);
  assert.equal(discord.messages().length, 1);
  for (let times = 0; times < 2; times++) {
    await surface.reply(place, first, { key: "1", text: "Approved.", quotes: [], loud: false });
  }
  assert.equal(discord.messages(first.threadId).length, 1);
});

test("notes go to the thread, evidence as a file; only loud ones notify", async (context) => {
  const { discord, surface, place } = await startBench(context);
  const posted = await surface.post(place, CARD, "1-1");
  const file = { name: "evidence of shop/42.json", text: '{"shop":1}' };
  await surface.reply(place, posted, {
    key: "1",
    text: "Diagnosed.",
    quotes: ["``` @everyone"],
    file,
    loud: false,
  });
  await surface.reply(place, posted, { key: "2", text: "Somebody must decide.", quotes: [], loud: true });
  const [quiet, loud] = discord.messages(posted.threadId);
  assert.deepEqual(quiet?.files, [{ name: "evidence-of-shop-42.json", text: '{"shop":1}' }]);
  assert.deepEqual(quiet?.mentions, []);
  assert.equal((quiet?.flags ?? 0) & SILENT, SILENT);
  assert.equal((loud?.flags ?? 0) & SILENT, 0);
});

test("a pressed button reaches the bot with the person, the place and the message", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  const { messageId } = await surface.post(place, CARD, "1-1");
  const pressed = discord.press(messageId, "Deny");
  const answer = await answerTo(discord, pressed);
  const person = { surface: "discord", workspace: discord.guildId, id: "100000000000000001", name: "ana" };
  assert.deepEqual(bot.presses, [{ action: "deny", value: INTENT, person, place, messageId }]);
  assert.equal(answer.text, "Noted: deny.");
  assert.ok((answer.flags & EPHEMERAL) !== 0);
});

test("a decision is acknowledged once it is stored, and by its answer", async (context) => {
  const stored = Promise.withResolvers<{ text: string }>();
  const pressing = Promise.withResolvers<void>();
  const bot = fakeBot({
    press: () => {
      pressing.resolve();
      return stored.promise;
    },
  });
  const { discord, surface, place } = await startBench(context, { bot });
  const { messageId } = await surface.post(place, CARD, "1-1");
  const pressed = discord.press(messageId, "Deny");
  await pressing.promise;
  // whatever was sent before this answer has arrived
  await answerTo(discord, discord.command("shop"));
  assert.equal(pressed.acks, 0, "a process that dies here leaves a click that visibly failed");
  stored.resolve({ text: "Denied." });
  assert.equal((await answerTo(discord, pressed)).text, "Denied.");
  assert.deepEqual([pressed.ack?.type, pressed.acks], [4, 1]);

  const question = await answerTo(discord, discord.press(messageId, "Restart upstream only"));
  const yes = discord.press(question.id, "Yes");
  await discord.until("the yes is answered", () => discord.answers(yes)[0]?.text === "Denied.");
  assert.deepEqual([yes.ack?.type, yes.acks], [7, 1]);
});

test("a decision that takes long is acknowledged within Discord's three seconds, and answered later", async (context) => {
  const stored = Promise.withResolvers<{ text: string }>();
  const { discord, surface, place } = await startBench(context, {
    bot: fakeBot({ press: () => stored.promise }),
  });
  const { messageId } = await surface.post(place, CARD, "1-1");
  const pressed = discord.press(messageId, "Deny");
  await discord.until("it is acknowledged", () => pressed.ack !== undefined);
  assert.equal(pressed.ack?.type, 5);
  stored.resolve({ text: "Denied." });
  assert.equal((await answerTo(discord, pressed)).text, "Denied.");
});

test("a store that does not answer in time holds up no acknowledgement: the decision is made all the same", async (context) => {
  const { discord, bot, surface, place } = await startBench(context, {
    isNewProof: () => new Promise<boolean>(() => undefined),
  });
  const { messageId } = await surface.post(place, CARD, "1-1");
  const pressed = discord.press(messageId, "Deny");
  await discord.until("it is acknowledged", () => pressed.ack !== undefined);
  assert.equal(pressed.ack?.type, 5);
  await answerTo(discord, pressed);
  assert.equal(bot.presses.length, 1);
});

test("a click that was heard too late is no decision", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  const { messageId } = await surface.post(place, CARD, "1-1");
  discord.gateway.cut();
  const late = discord.press(messageId, "Deny");
  discord.advance(10_000);
  await discord.until(
    "it is refused",
    () => late.acks > 0 && discord.world.requests.at(-1)?.endsWith(" 404") === true,
  );
  assert.deepEqual(bot.presses, []);
});

test("an approval counts after a second, private question, and names the message that asked", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  bot.cards = [CARD];
  const { messageId } = await surface.post(place, CARD, "1-1");
  const question = await answerTo(discord, discord.press(messageId, "Restart upstream only"));
  assert.match(question.text, /php8\.2-fpm\.service on origin-1 will be restarted once\./);
  assert.ok((question.flags & EPHEMERAL) !== 0);
  assert.deepEqual(bot.presses, []);
  const yes = discord.press(question.id, "Restart it");
  await discord.until("the yes is answered", () => discord.answers(yes)[0]?.text === "Noted: approve.");
  assert.deepEqual(
    bot.presses.map(({ action, value, messageId: of, place: where }) => ({ action, value, of, where })),
    [{ action: "approve", value: INTENT, of: messageId, where: place }],
  );
  assert.deepEqual(discord.answers(yes)[0]?.buttons, []);
});

test("the second question can be answered with no, and by a bot that was restarted meanwhile", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  const { messageId } = await surface.post(place, CARD, "1-1");
  const question = await answerTo(discord, discord.press(messageId, "Restart upstream only"));
  assert.match(question.text, /Are you sure\?/);
  await surface.stop();
  const restarted = surfaceOf(discord, bot);
  context.after(() => restarted.stop());
  await restarted.start();
  const no = discord.press(question.id, "No");
  await discord.until("the no is answered", () => discord.answers(no)[0]?.text === "Nothing was done.");
  assert.deepEqual(bot.presses, []);
  const yes = discord.press(
    (await answerTo(discord, discord.press(messageId, "Restart upstream only"))).id,
    "Yes",
  );
  await discord.until("the yes is answered", () => discord.answers(yes)[0]?.text === "Noted: approve.");
  assert.deepEqual(
    bot.presses.map(({ messageId: of }) => of),
    [messageId],
  );
});

test("an incident that lasts longer than an interaction is still edited, and its buttons still work", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  await answerTo(discord, discord.command("shop"));
  const posted = await surface.post(place, CARD, "1-1");
  discord.advance(3 * 60 * MINUTE);
  await surface.update(place, posted, { ...CARD, headline: "still down" });
  assert.match(discord.messages()[0]?.text ?? "", /still down/);
  await answerTo(discord, discord.press(posted.messageId, "Look again"));
  assert.deepEqual(
    bot.presses.map(({ action, value }) => [action, value]),
    [["look-again", "42"]],
  );
});

test("an answer that comes after the token of its interaction has ended is logged and harms nothing", async (context) => {
  const gate = Promise.withResolvers<{ text: string }>();
  const bot = fakeBot({
    command: (text) => (text === "slow" ? gate.promise : Promise.resolve({ text: "Quick." })),
  });
  const { discord, log } = await startBench(context, { bot });
  const slow = discord.command("slow");
  await discord.until("it is acknowledged", () => slow.ack !== undefined);
  discord.advance(16 * MINUTE);
  gate.resolve({ text: "Too late." });
  await discord.until("the late answer is refused", () =>
    discord.world.requests.some((line) => / 401$/.test(line)),
  );
  assert.equal((await answerTo(discord, discord.command("shop"))).text, "Quick.");
  assert.ok(log.lines.some((line) => line.includes("Invalid Webhook Token")));
});

test("an interaction that was heard too late is not acted on", async (context) => {
  const { discord, bot } = await startBench(context);
  discord.gateway.cut();
  const late = discord.command("shop");
  discord.advance(10_000);
  await discord.until(
    "it is refused",
    () => late.acks > 0 && discord.world.requests.at(-1)?.endsWith(" 404") === true,
  );
  assert.deepEqual(bot.commands, []);
});

const GONE = [
  { what: "the message was deleted", make: (discord: FakeDiscord, id: string) => discord.remove(id) },
  {
    what: "the channel was deleted",
    make: (discord: FakeDiscord) => void discord.world.channels.delete(discord.channelId),
  },
  {
    what: "the bot was locked out of the channel",
    make: (discord: FakeDiscord) => discord.deny(PermissionFlagsBits.ViewChannel),
  },
];

for (const { what, make } of GONE) {
  test(`a card is given up when ${what}`, async (context) => {
    const { discord, surface, place } = await startBench(context);
    const posted = await surface.post(place, CARD, "1-1");
    make(discord, posted.messageId);
    await assert.rejects(surface.update(place, posted, CARD), (error) => {
      return error instanceof SurfaceError && error.kind === "gone";
    });
  });
}

test("a note goes to the channel when people have deleted the thread", async (context) => {
  const { discord, surface, place } = await startBench(context);
  const posted = await surface.post(place, CARD, "1-1");
  discord.world.channels.delete(posted.threadId);
  await surface.reply(place, posted, { key: "1", text: "Not proven.", quotes: [], loud: true });
  assert.match(discord.messages().at(-1)?.text ?? "", /Not proven\./);
});

test("a card that Discord would not take is shown by its first line", async (context) => {
  const { discord, surface, place, log } = await startBench(context);
  discord.world.refusesText = "Raise MemoryMax";
  const posted = await surface.post(place, CARD, "1-1");
  await surface.update(place, posted, CARD);
  assert.match(discord.messages()[0]?.text ?? "", /^### php8\.2-fpm on origin-1 is down/);
  assert.ok(log.lines.some((line) => line.includes("a card was refused")));
});
