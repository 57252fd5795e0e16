import assert from "node:assert/strict";
import { test } from "node:test";
import { DIAGNOSED, recordingBot, startBench } from "./bench.ts";

test("a command without a site opens a dialog whose select offers the sites that fit what is typed", async (context) => {
  const { slack, bot, place } = await startBench(context);
  assert.equal((await slack.slashCommand("")).acked, true);
  await slack.until("the dialog", () => slack.modals().length > 0);
  const [modal] = slack.modals();
  assert.ok(modal);
  assert.deepEqual(await slack.suggest(modal, ""), ["shop", "shop-staging", "blog"]);
  assert.deepEqual(await slack.suggest(modal, "stag"), ["shop-staging"]);

  const without = await slack.submit(modal, undefined);
  assert.deepEqual(without.payload, { response_action: "errors", errors: { site: "Choose a site." } });
  assert.equal(modal.isOpen, true);

  assert.equal((await slack.submit(modal, "blog")).acked, true);
  assert.equal(modal.isOpen, false);
  await slack.until("the answer", () => slack.told().length > 0);
  assert.equal(slack.told()[0]?.text, "Looking at blog (incident #42).");
  assert.deepEqual(
    bot.commands.map((command) => [command.text, command.place, command.person.id]),
    [["blog", place, "U0ANA"]],
  );
});

test("when the dialog comes too late, a private answer has the select", async (context) => {
  const { slack, bot } = await startBench(context);
  for (const known of ["expired", "used"]) {
    const before = slack.told().length;
    const asked = slack.slashCommand("");
    const [trigger] = [...slack.world.triggers.values()].slice(-1);
    assert.ok(trigger);
    if (known === "used") trigger.isUsed = true;
    else slack.advance(4000);
    await asked;
    await slack.until("the private answer", () => slack.told().length > before);
    assert.match(slack.told().at(-1)?.text ?? "", /^Which site\?/);
  }
  assert.deepEqual(slack.modals(), []);
  assert.deepEqual(await slack.suggestPrivately("blo"), ["blog"]);
  await slack.choose("blog");
  await slack.until("the command", () => bot.commands.some(({ text }) => text === "blog"));
});

test("what is typed reaches the bot as it is, and nothing longer than a command can be", async (context) => {
  const { slack, bot } = await startBench(context);
  await slack.slashCommand("  shop; reboot  ");
  await slack.slashCommand("x".repeat(2001));
  await slack.until("both answers", () => slack.told().length === 2);
  assert.deepEqual(
    bot.commands.map(({ text }) => text),
    ["shop; reboot"],
  );
});

test("a command that fails inside the bot is answered without the reason, which is logged", async (context) => {
  const bot = recordingBot({ command: () => Promise.reject(new Error("disk full")) });
  const { slack, lines } = await startBench(context, { bot });
  assert.equal((await slack.slashCommand("shop")).acked, true);
  await slack.until("the answer", () => slack.told().length > 0);
  assert.match(slack.told()[0]?.text ?? "", /did not work/);
  assert.doesNotMatch(slack.told()[0]?.text ?? "", /disk full/);
  assert.ok(lines.includes("error what a person asked for failed"));
});

test("the acknowledgement does not wait for the bot", async (context) => {
  const answer = Promise.withResolvers<{ readonly text: string }>();
  const bot = recordingBot({ command: () => answer.promise });
  const { slack } = await startBench(context, { bot });
  assert.equal((await slack.slashCommand("shop")).acked, true);
  assert.deepEqual(slack.told(), []);
  answer.resolve({ text: "Looking at shop." });
  await slack.until("the answer", () => slack.told().length > 0);
});

test("an answer that comes after half an hour goes the other way", async (context) => {
  const answer = Promise.withResolvers<{ readonly text: string }>();
  const bot = recordingBot({ command: () => answer.promise });
  const { slack } = await startBench(context, { bot });
  await slack.slashCommand("shop");
  slack.advance(31 * 60_000);
  answer.resolve({ text: "Looking at shop." });
  await slack.until("the answer", () => slack.told().length > 0);
  assert.equal(slack.told()[0]?.via, "chat.postEphemeral");
  assert.ok(slack.world.requests.includes("response_url expired_url"));
});

test("the app's own tab lists the open incidents, without buttons", async (context) => {
  const { slack } = await startBench(context);
  await slack.openHome();
  await slack.until("the tab", () => slack.home() !== undefined);
  const home = slack.home();
  assert.match(home?.text ?? "", /^1 open\n🔴 #42 shop: php8\.2-fpm was killed/);
  assert.deepEqual(home?.buttons, []);
});

test("a click that is delivered twice is asked twice and answered twice", async (context) => {
  const { slack, surface, bot, place } = await startBench(context);
  await surface.post(place, DIAGNOSED, "42-1");
  const [card] = slack.messages();
  assert.ok(card);
  const clicks = await Promise.all([slack.press(card, "Deny"), slack.press(card, "Deny")]);
  assert.ok(clicks.every(({ acked }) => acked));
  await slack.until("both answers", () => slack.told().length === 2);
  assert.deepEqual(bot.presses[0], bot.presses[1]);
});
