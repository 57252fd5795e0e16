import assert from "node:assert/strict";
import { test } from "node:test";
import type { Place } from "../../../src/incident/person.ts";
import type { ThreadNote } from "../../../src/report/card.ts";
import type { From } from "../../fakes/slack/people.ts";
import { type Bench, DIAGNOSED, startBench } from "./bench.ts";

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

const WITH_EVIDENCE: ThreadNote = {
  key: "42-2",
  text: "Raw evidence, asked for by ana.",
  quotes: [],
  file: { name: "evidence-42.json", text: "{}" },
  loud: false,
};

test("in a channel with another company there is no raw evidence, and who asks for it is told so", async (context) => {
  const { slack, surface, bot, place } = await startBench(context);
  slack.world.scopes.add("channels:read");
  const message = await surface.post(place, DIAGNOSED, "42-1");
  const [before] = slack.messages();
  assert.ok(before);
  const channel = slack.world.channels.get(slack.channelId);
  assert.ok(channel);
  channel.isShared = true;
  slack.advance(6 * 60_000);
  await surface.update(place, message, DIAGNOSED);
  const labels = slack.messages()[0]?.buttons.map(({ label }) => label);
  assert.deepEqual(labels, ["Restart upstream only", "Deny", "Look again"]);

  await slack.press(before, "Raw evidence");
  await slack.until("the answer", () => slack.told().length > 0);
  assert.match(slack.told()[0]?.text ?? "", /not shown here.* another company.* The console has it/);
  assert.deepEqual(bot.presses, []);

  await surface.reply(place, message, WITH_EVIDENCE);
  const [note, ...more] = slack.thread(message.threadId);
  assert.match(note?.text ?? "", /^Raw evidence, asked for by ana\. Its evidence is not shown here/);
  assert.deepEqual(more, []);
});

test("while Slack does not say who reads along, what was known holds; where nothing was, no line is shown", async (context) => {
  const { slack, surface, place } = await startBench(context);
  slack.world.scopes.add("channels:read");
  const channel = slack.world.channels.get(slack.channelId);
  assert.ok(channel);
  const codeOf = async () => {
    const { messageId } = await surface.post(place, DIAGNOSED, "42-1");
    return slack.messages().find(({ ts }) => ts === messageId)?.code;
  };
  slack.limits.refuseNext("conversations.info", 30);
  assert.deepEqual(await codeOf(), [], "never learned");

  channel.isShared = true;
  assert.deepEqual(await codeOf(), [], "asked again at once");
  slack.advance(6 * 60_000);
  slack.limits.refuseNext("conversations.info", 30);
  assert.deepEqual(await codeOf(), [], "still shared");

  channel.isShared = false;
  assert.notDeepEqual(await codeOf(), [], "asked again at once");
  slack.advance(6 * 60_000);
  slack.limits.refuseNext("conversations.info", 30);
  assert.notDeepEqual(await codeOf(), [], "still its own");
});

test("where the app was not given the right to ask, its quotes are shown", async (context) => {
  const { slack, surface, place } = await startBench(context);
  slack.world.scopes.add("channels:read");
  slack.world.channels.set("C0TEAM", {
    id: "C0TEAM",
    kind: "private",
    isMember: true,
    isArchived: false,
    isShared: false,
  });
  await surface.post({ ...place, channel: "C0TEAM" }, DIAGNOSED, "42-1");
  assert.notDeepEqual(slack.messages("C0TEAM")[0]?.code, []);
  assert.ok(slack.world.requests.includes("conversations.info missing_scope"), "a right of its own");
});

test("where the app was not invited it says so before it looks, and looks once it was", async (context) => {
  const { slack, bot } = await startBench(context);
  for (const scope of ["channels:read", "groups:read"]) slack.world.scopes.add(scope);
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
  slack.limits.refuseNext("conversations.info", 30);
  await slack.slashCommand("shop", { channel: "C0RANDOM" });
  await slack.until("the command, though Slack does not say", () => bot.commands.length > 0);
  await slack.slashCommand("shop", { channel: "C0RANDOM" });
  await slack.until("the other command", () => bot.commands.length > 1);
});

/** Asks for a site where its card cannot be shown. */
async function askInRandom({ slack, bot }: Bench, text = "shop"): Promise<void> {
  const before = bot.commands.length;
  await slack.slashCommand(text, { channel: "C0RANDOM" });
  await slack.until("the answer", () => slack.told().length > before);
}

test("where the app may not ask about channels, whoever asked is told when the card could not be shown", async (context) => {
  const bench = await startBench(context);
  const { slack, surface, place } = bench;
  await askInRandom(bench);
  await assert.rejects(surface.post({ ...place, channel: "C0RANDOM" }, DIAGNOSED, "42-1"), { kind: "gone" });
  assert.match(slack.told().at(-1)?.text ?? "", /cannot be shown here.*\/invite @diagnose502/);
});

const OTHERS: readonly (readonly [string, (bench: Bench, place: Place) => Promise<unknown>])[] = [
  [
    "who asked for something else than a site",
    async (bench, place) => {
      await askInRandom(bench, "list");
      await assert.rejects(bench.surface.post(place, DIAGNOSED, "42-1"));
    },
  ],
  [
    "whose card was posted",
    async (bench, place) => {
      await askInRandom(bench);
      const channel = bench.slack.world.channels.get(place.channel);
      assert.ok(channel);
      channel.isMember = true;
      await bench.surface.post(place, DIAGNOSED, "42-1");
      channel.isMember = false;
      await assert.rejects(bench.surface.post(place, DIAGNOSED, "43-2"));
    },
  ],
  [
    "who asked, when another card cannot be edited or answered to",
    async (bench, place) => {
      await askInRandom(bench);
      const message = { messageId: "1.000001", threadId: "1.000001" };
      await assert.rejects(bench.surface.update(place, message, DIAGNOSED));
      await assert.rejects(bench.surface.reply(place, message, WITH_EVIDENCE));
    },
  ],
  [
    "who asked more than a minute ago",
    async (bench, place) => {
      await askInRandom(bench);
      bench.slack.advance(61_000);
      await assert.rejects(bench.surface.post(place, DIAGNOSED, "42-1"));
    },
  ],
];

for (const [who, happens] of OTHERS) {
  test(`that a card cannot be shown is not told to somebody ${who}`, async (context) => {
    const bench = await startBench(context);
    await happens(bench, { ...bench.place, channel: "C0RANDOM" });
    assert.equal(bench.slack.told().length, 1, "the answer to the command, and no more");
  });
}
