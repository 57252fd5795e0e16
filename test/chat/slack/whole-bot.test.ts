import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import timers from "node:timers/promises";
import { openBench } from "../../fakes/bot-bench.ts";
import { type SeenMessage, startSlack } from "../../fakes/slack/start-slack.ts";
import { makeBench } from "./bench.ts";

const APPROVERS = { slack: ["S0ONCALL", "U0BEN"], discord: [], console: [] };
const APPROVE = "Restart upstream only";

/** What takes seconds between edits takes moments here. */
const soon = (ms: number, signal?: AbortSignal): Promise<void> =>
  timers.setTimeout(Math.min(ms, 100), undefined, { signal }).catch(() => undefined);

/** The whole bot with its store and engine, and Slack before it. */
async function startBot(context: TestContext) {
  const slack = await startSlack();
  slack.world.userGroups.set("S0ONCALL", ["U0ANA"]);
  const opened = await openBench({
    site: { approvers: APPROVERS },
    edges: { sleep: soon },
    surfaces: (bot) => [makeBench(slack, { bot }).surface],
  });
  const running = await opened.boot();
  context.after(async () => {
    await running.stop();
    await opened.remove();
    await slack.stop();
  });

  async function cardThat(what: string, isSo: (card: SeenMessage) => boolean): Promise<SeenMessage> {
    await slack.until(what, () => slack.messages().some(isSo));
    const card = slack.messages().find(isSo);
    assert.ok(card);
    return card;
  }

  return {
    slack,
    ...opened,
    ...running,
    cardThat,
    asking: () => cardThat("a question", ({ buttons }) => buttons.some(({ label }) => label === APPROVE)),
  };
}

test("from the command to the proven restart: one message, edited, and its thread", async (context) => {
  const { slack, world, asking, cardThat } = await startBot(context);
  await slack.slashCommand("shop", { user: "U0EVE", name: "eve" });
  await slack.until("the answer", () => slack.told("U0EVE").length > 0);
  assert.match(slack.told("U0EVE")[0]?.text ?? "", /^Looking at shop \(incident #1\)/);
  const card = await asking();
  assert.match(card.text, /app\.service on origin-1 is stopped\. A restart would help\./);

  await slack.press(card, APPROVE, { user: "U0EVE", name: "eve" });
  await slack.until("the refusal", () => slack.told("U0EVE").length > 1);
  assert.match(slack.told("U0EVE")[1]?.text ?? "", /not among those who may approve/);
  assert.deepEqual(world.restarts, []);

  await slack.press(card, APPROVE);
  const closed = await cardThat("the end", ({ text }) => text.includes("restarted and proven"));
  assert.equal(closed.ts, card.ts);
  assert.equal(slack.messages().length, 1);
  assert.equal(world.restarts.length, 1);
  await slack.until("who approved", () => slack.thread(card.ts).some(({ text }) => text.includes("ana")));
  assert.ok(!closed.buttons.some(({ label }) => label === APPROVE));
});

test("twenty clicks of two approvers at once are one decision and one restart; all are answered", async (context) => {
  const { slack, world, asking, cardThat } = await startBot(context);
  await slack.slashCommand("shop", { user: "U0EVE", name: "eve" });
  const card = await asking();
  const people = [{}, { user: "U0BEN", name: "ben" }];
  await Promise.all(Array.from({ length: 20 }, (_, n) => slack.press(card, APPROVE, people[n % 2])));
  await cardThat("the end", ({ text }) => text.includes("restarted and proven"));
  const told = () => [...slack.told("U0ANA"), ...slack.told("U0BEN")].map(({ text }) => text);
  await slack.until("twenty answers", () => told().length === 20);
  assert.equal(told().filter((text) => text.startsWith("Approved.")).length, 1);
  assert.equal(world.restarts.length, 1);
});

test("a message that the bot did not post decides nothing, though its button holds a real key", async (context) => {
  const { slack, world, asking } = await startBot(context);
  await slack.slashCommand("shop", { user: "U0EVE", name: "eve" });
  const card = await asking();
  const forgeries = [
    { from: {}, as: { message: { type: "message", ts: "1.000001", user: slack.world.botUserId } } },
    { from: { channel: "C0RANDOM" }, as: {} },
    { from: { team: "T0OTHER" }, as: {} },
    { from: { userTeam: "T0OTHER" }, as: {} },
  ];
  for (const { from, as } of forgeries) await slack.press(card, APPROVE, from, as);
  await slack.until("four refusals", () => slack.told().length === forgeries.length);
  assert.deepEqual(
    slack
      .told()
      .map(({ text }) => text.split(" ").slice(0, 5).join(" "))
      .sort(),
    [
      "Only people of the workspace",
      "Only people of the workspace",
      "This message is not the",
      "This message is not the",
    ],
  );
  assert.deepEqual(world.restarts, []);
});

test("where the app was not invited the card comes after the invitation, when somebody asks again, and its button counts", async (context) => {
  const { slack, world } = await startBot(context);
  const eve = { user: "U0EVE", name: "eve", channel: "C0RANDOM" };
  await slack.slashCommand("shop", eve);
  await slack.until("the way out", () => slack.told("U0EVE").some(({ text }) => text.includes("/invite")));
  const channel = slack.world.channels.get("C0RANDOM");
  assert.ok(channel);
  channel.isMember = true;
  await slack.slashCommand("shop", eve);
  const asking = () =>
    slack
      .messages("C0RANDOM")
      // the second look is over, and asks anew
      .find(({ buttons }) =>
        [APPROVE, "Look again"].every((one) => buttons.some(({ label }) => label === one)),
      );
  await slack.until("a question", () => asking() !== undefined);
  const card = asking();
  assert.ok(card);
  await slack.press(card, APPROVE);
  await slack.until("its restart", () => world.restarts.length === 1);
  assert.equal(slack.messages("C0RANDOM").length, 1);
});
