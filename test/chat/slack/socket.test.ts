import assert from "node:assert/strict";
import { test } from "node:test";
import { startSlack } from "../../fakes/slack/start-slack.ts";
import { DIAGNOSED, LOOKING, makeBench, recordingBot, startBench } from "./bench.ts";

test("two replicas share the app: each payload reaches one of them, whichever posted the card", async (context) => {
  const slack = await startSlack();
  const one = await startBench(context, { slack });
  const other = await startBench(context, { slack });
  context.after(() => slack.stop());
  assert.equal(slack.sockets.count(), 2);
  await one.surface.post(one.place, DIAGNOSED, "42-1");
  const [card] = slack.messages();
  assert.ok(card);
  for (let n = 0; n < 4; n++) assert.equal((await slack.press(card, "Look again")).acked, true);
  await slack.until("four answers", () => slack.told().length === 4);
  assert.deepEqual([one.bot.presses.length, other.bot.presses.length], [2, 2]);
});

for (const reason of ["warning", "refresh_requested"] as const) {
  test(`when Slack ends a connection (${reason}), another is opened at once and commands go on`, async (context) => {
    const { slack, surface, waits } = await startBench(context);
    const opened = () =>
      slack.world.requests.filter((request) => request === "apps.connections.open ok").length;
    slack.sockets.disconnect(reason);
    await slack.until("another connection", () => opened() === 2 && slack.sockets.count() === 1);
    assert.deepEqual(waits, []);
    assert.equal((await slack.slashCommand("shop")).acked, true);
    assert.equal(surface.secondsWithoutSocket(), 0);
  });
}

test("a cut line is opened again; cards are edited meanwhile", async (context) => {
  const { slack, surface, place } = await startBench(context);
  const message = await surface.post(place, LOOKING, "42-1");
  slack.sockets.cut();
  await surface.update(place, message, DIAGNOSED);
  await slack.until("another connection", () => slack.sockets.count() === 1);
  assert.equal((await slack.slashCommand("shop")).acked, true);
});

test("connections that Slack ends as soon as they are open are asked for ever more slowly", async (context) => {
  const { slack, waits } = await startBench(context);
  for (let n = 0; n < 4; n++) {
    await slack.until("a connection", () => slack.sockets.count() === 1);
    slack.sockets.disconnect("refresh_requested");
    await slack.until("its end", () => slack.sockets.count() === 0);
  }
  await slack.until("a connection", () => slack.sockets.count() === 1);
  assert.deepEqual(waits, [2000, 4000, 8000]);
});

test("when Slack says how long to wait for a connection, it is asked no sooner", async (context) => {
  const { slack, waits } = await startBench(context);
  slack.limits.refuseNext("apps.connections.open", 45);
  slack.sockets.cut();
  await slack.until("another connection", () =>
    slack.world.requests.slice(-2).join().endsWith("ratelimited,apps.connections.open ok"),
  );
  assert.deepEqual(waits, [45_000]);
});

test("an outage is outlived, however the attempts in between fail, and its length is known", async (context) => {
  const { slack, surface, lines } = await startBench(context);
  slack.goDown();
  slack.advance(90_000);
  const failed = () => lines.filter((line) => line === "warn no connection to Slack").length;
  await slack.until("the line is gone", () => slack.sockets.count() === 0);
  while (failed() === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(surface.secondsWithoutSocket() < 90);
  slack.advance(90_000);
  assert.ok(surface.secondsWithoutSocket() >= 90);
  slack.world.areTokensRevoked = true;
  slack.goUp();
  await slack.until("a refused attempt", () =>
    slack.world.requests.includes("apps.connections.open token_revoked"),
  );
  slack.world.areTokensRevoked = false;
  await slack.until("the connection", () => slack.sockets.count() === 1);
  assert.equal((await slack.slashCommand("shop")).acked, true);
  assert.equal(surface.secondsWithoutSocket(), 0);
});

test("Slack being away at the start is no reason not to start", async (context) => {
  const slack = await startSlack();
  slack.goDown();
  const { surface, lines } = makeBench(slack, { bot: recordingBot() });
  context.after(() => surface.stop());
  context.after(() => slack.stop());
  await surface.start();
  assert.equal(surface.workspace(), undefined);
  assert.ok(lines.includes("warn Slack cannot be reached yet; trying on"));
  slack.goUp();
  await slack.until("the connection", () => slack.sockets.count() === 1);
  assert.equal(surface.workspace(), "T0TEAM");
  assert.equal((await slack.slashCommand("shop")).acked, true);
});

const REFUSED: readonly (readonly [string, "botToken" | "appToken", RegExp])[] = [
  ["the bot token", "botToken", /SLACK_BOT_TOKEN/],
  ["the app token", "appToken", /SLACK_APP_TOKEN/],
];

for (const [what, token, variable] of REFUSED) {
  test(`${what} being wrong is said at the start, with the variable that holds it`, async (context) => {
    const slack = await startSlack();
    context.after(() => slack.stop());
    const { surface } = makeBench(slack, { bot: recordingBot(), [token]: "xo-wrong" });
    context.after(() => surface.stop());
    await assert.rejects(surface.start(), { code: "SLACK_TOKEN_REFUSED", message: variable, hint: variable });
    assert.equal(slack.sockets.count(), 0);
  });
}

test("who stops leaves no connection behind", async (context) => {
  const { slack, surface } = await startBench(context);
  await surface.stop();
  await slack.until("no connection", () => slack.sockets.count() === 0);
  assert.equal((await slack.slashCommand("shop")).acked, false);
});
