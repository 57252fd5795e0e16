import assert from "node:assert/strict";
import { test } from "node:test";
import type { From } from "../../fakes/slack/people.ts";
import { DIAGNOSED, startBench } from "./bench.ts";

const STRANGERS: readonly (readonly [string, From, RegExp])[] = [
  ["somebody of another workspace", { team: "T0OTHER" }, /Only people of the workspace/],
  [
    "somebody of another company in a shared channel",
    { userTeam: "T0OTHER" },
    /Only people of the workspace/,
  ],
  ["a direct message", { channel: "D0ANA" }, /Not in a direct message/],
];

for (const [who, from, told] of STRANGERS) {
  test(`${who} may not press, and is told why`, async (context) => {
    const { slack, surface, bot, place } = await startBench(context);
    await surface.post(place, DIAGNOSED, "42-1");
    const [card] = slack.messages();
    assert.ok(card);
    assert.equal((await slack.press(card, "Restart upstream only", from)).acked, true);
    await slack.until("the refusal", () => slack.told().length > 0);
    assert.match(slack.told()[0]?.text ?? "", told);
    assert.deepEqual(bot.presses, []);
  });
}

for (const [who, from, told] of STRANGERS.filter(([, { userTeam }]) => userTeam === undefined)) {
  test(`${who} may not command, and is told why`, async (context) => {
    const { slack, bot } = await startBench(context);
    await slack.slashCommand("shop", from);
    await slack.slashCommand("", from);
    await slack.until("both refusals", () => slack.told().length > 1);
    assert.ok(slack.told().every(({ text }) => told.test(text)));
    assert.deepEqual([bot.commands, slack.modals()], [[], []]);
  });
}

test("strangers are suggested no sites, and their tab stays empty", async (context) => {
  const { slack } = await startBench(context);
  await slack.slashCommand("");
  await slack.until("the dialog", () => slack.modals().length > 0);
  const [modal] = slack.modals();
  assert.ok(modal);
  assert.deepEqual(await slack.suggest(modal, "", { team: "T0OTHER" }), []);
  await slack.openHome({ team: "T0OTHER", user: "U0EVE" });
  await slack.openHome();
  await slack.until("our tab", () => slack.home() !== undefined);
  assert.equal(slack.home("U0EVE"), undefined);
});

test("what the click claims is handed on as Slack says it: message, place and person, for the bot to compare", async (context) => {
  const { slack, surface, bot, place } = await startBench(context);
  await surface.post(place, DIAGNOSED, "42-1");
  const [card] = slack.messages();
  assert.ok(card);
  await slack.press(
    card,
    "Restart upstream only",
    { channel: "C0RANDOM", user: "U0EVE", name: "ana" },
    {
      message: { type: "message", ts: "1.000001", user: slack.world.botUserId },
    },
  );
  await slack.until("the press", () => bot.presses.length > 0);
  const [press] = bot.presses;
  assert.deepEqual(press?.place, { ...place, channel: "C0RANDOM" });
  assert.equal(press?.messageId, "1.000001");
  assert.equal(press?.person.id, "U0EVE");
});

test("clicks on what is no button of ours are acknowledged and do nothing", async (context) => {
  const { slack, surface, bot, place } = await startBench(context);
  await surface.post(place, DIAGNOSED, "42-1");
  const [card] = slack.messages();
  assert.ok(card);
  const forged: readonly (readonly [string, object])[] = [
    ["another action", { actions: [{ action_id: "delete:0", value: "42", type: "button" }] }],
    ["an action without a number", { actions: [{ action_id: "approve", value: "42", type: "button" }] }],
    ["no message", { message: undefined }],
    ["no channel", { channel: undefined }],
  ];
  for (const [what, as] of forged) {
    assert.equal((await slack.press(card, "Deny", {}, { ...as })).acked, true, what);
  }
  await slack.press(card, "Deny");
  await slack.until("the real press", () => bot.presses.length > 0);
  assert.equal(bot.presses.length, 1);
});

test("in a channel with another company the app does not look, and shows no line of a log", async (context) => {
  const { slack, surface, bot, place } = await startBench(context);
  slack.world.scopes.add("channels:read");
  const channel = slack.world.channels.get(slack.channelId);
  assert.ok(channel);
  channel.isShared = true;
  await slack.slashCommand("shop");
  await slack.until("the refusal", () => slack.told().length > 0);
  assert.match(slack.told()[0]?.text ?? "", /another company/);
  assert.deepEqual(bot.commands, []);

  const message = await surface.post(place, DIAGNOSED, "42-1");
  await surface.reply(place, message, {
    key: "42-1",
    text: "Diagnosed.",
    quotes: ["a secret line"],
    loud: false,
  });
  const [card] = slack.messages();
  assert.ok(card);
  assert.match(card.text, /was killed by the kernel/);
  assert.deepEqual(card.code, []);
  assert.deepEqual(slack.thread(message.threadId)[0]?.code, []);
});

test("where the app was not invited it says so before it looks, and looks once it was", async (context) => {
  const { slack, bot } = await startBench(context);
  slack.world.scopes.add("channels:read");
  for (const channel of ["C0RANDOM", "C0SECRET"]) {
    const before = slack.told().length;
    await slack.slashCommand("shop", { channel });
    await slack.until("the refusal", () => slack.told().length > before);
    assert.match(slack.told().at(-1)?.text ?? "", /\/invite @diagnose502/);
  }
  assert.deepEqual(bot.commands, []);
  const channel = slack.world.channels.get("C0RANDOM");
  assert.ok(channel);
  channel.isMember = true;
  await slack.slashCommand("shop", { channel: "C0RANDOM" });
  await slack.until("the command", () => bot.commands.length > 0);
});

test("where the app may not ask about channels, whoever asked is told when the card could not be shown", async (context) => {
  const { slack, surface, place } = await startBench(context);
  await slack.slashCommand("shop", { channel: "C0RANDOM" });
  await slack.until("the answer", () => slack.told().length > 0);
  await assert.rejects(surface.post({ ...place, channel: "C0RANDOM" }, DIAGNOSED, "42-1"), { kind: "gone" });
  assert.match(slack.told().at(-1)?.text ?? "", /cannot be shown here.*\/invite @diagnose502/);
});
