import assert from "node:assert/strict";
import { test } from "node:test";
import { DIAGNOSED, LOOKING, startBench } from "./bench.ts";

test("a command is acknowledged at once, answered privately, and its card is posted, edited and pressed", async (context) => {
  const { slack, surface, bot, place } = await startBench(context);
  const { acked } = await slack.slashCommand("shop");
  assert.equal(acked, true);
  await slack.until("a private answer", () => slack.told().length > 0);
  assert.equal(slack.told()[0]?.text, "Looking at shop (incident #42).");
  assert.deepEqual(bot.commands, [
    { text: "shop", place, person: { surface: "slack", workspace: "T0TEAM", id: "U0ANA", name: "ana" } },
  ]);

  const message = await surface.post(place, LOOKING, "42-1");
  await surface.update(place, message, DIAGNOSED);
  const [card] = slack.messages();
  assert.ok(card);
  assert.equal(slack.messages().length, 1);
  assert.equal(card.edits, 1);
  assert.match(card.text, /^🔴 shop: php8\.2-fpm was killed by the kernel/);

  assert.equal((await slack.press(card, "Restart upstream only")).acked, true);
  await slack.until("the press", () => bot.presses.length > 0);
  assert.deepEqual(bot.presses, [
    {
      action: "approve",
      value: DIAGNOSED.buttons[0]?.value,
      person: bot.commands[0]?.person,
      place,
      messageId: message.messageId,
    },
  ]);
  await slack.until("its answer", () => slack.told().length > 1);
  assert.match(slack.told()[1]?.text ?? "", /^Approved\./);
});
