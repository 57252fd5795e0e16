import assert from "node:assert/strict";
import { test } from "node:test";
import { SurfaceError } from "../../../src/workflow/surface.ts";
import { CARD, fakeBot, fakeLog, proofBook, startBench, surfaceOf } from "./bench.ts";

test("of two processes with one token each command is done by one, and the other says nothing", async (context) => {
  const { discord, bot } = await startBench(context);
  const log = fakeLog();
  const otherBot = fakeBot();
  const other = surfaceOf(discord, otherBot, { log });
  context.after(() => other.stop());
  await other.start();
  assert.equal(discord.gateway.connected(), 2);
  const asked = Array.from({ length: 10 }, (_, n) => discord.command(`site-${n}`));
  await discord.until("all are acknowledged twice and answered", () =>
    asked.every((one) => one.acks === 2 && discord.answers(one).some(({ text }) => text !== "")),
  );
  assert.equal(bot.commands.length + otherBot.commands.length, 10);
  assert.deepEqual(
    log.lines.filter((line) => !line.startsWith("debug") && !line.includes("connected")),
    [],
  );
});

test("of two processes that share a store each click is decided by one, whose answer is the one that is seen", async (context) => {
  const isNewProof = proofBook();
  const { discord, bot, surface, place, log } = await startBench(context, { isNewProof });
  const otherBot = fakeBot();
  const other = surfaceOf(discord, otherBot, { isNewProof, log });
  context.after(() => other.stop());
  await other.start();
  const { messageId } = await surface.post(place, CARD, "1-1");
  const clicks = Array.from({ length: 10 }, () => discord.press(messageId, "Deny"));
  await discord.until("all are answered", () =>
    clicks.every((one) => discord.answers(one)[0]?.text === "Noted: deny."),
  );
  assert.equal(bot.presses.length + otherBot.presses.length, 10);
  assert.deepEqual(
    clicks.map(({ acks }) => acks),
    clicks.map(() => 1),
  );
});

test("only the Guilds intent is asked for", async (context) => {
  const { discord } = await startBench(context);
  assert.deepEqual(discord.gateway.intents, [1]);
});

test("an interaction of the moments without a connection arrives when the session is resumed", async (context) => {
  const { discord, bot, surface } = await startBench(context);
  discord.gateway.askToReconnect();
  await discord.until("the connection is gone", () => discord.gateway.connected() === 0);
  discord.command("shop");
  await discord.until("the command arrives", () => bot.commands.length === 1);
  assert.deepEqual(discord.gateway.counts, { identified: 1, resumed: 1 });
  assert.ok(surface.isConnected());
});

test("a session that Discord gave up is begun anew", async (context) => {
  const { discord, bot } = await startBench(context);
  discord.gateway.invalidateSessions();
  await discord.until("a second session", () => discord.gateway.counts.identified === 2);
  discord.command("shop");
  await discord.until("the command arrives", () => bot.commands.length === 1);
});

test("after an outage of Discord the connection comes back, and what was due can be posted", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  discord.goDown();
  await discord.until("the outage is noticed", () => discord.gateway.connected() === 0);
  await assert.rejects(surface.post(place, CARD, "1-1"), (error) => {
    return error instanceof SurfaceError && error.kind === "later";
  });
  discord.goUp();
  await discord.until("the connection is back", () => discord.gateway.connected() === 1);
  await surface.post(place, CARD, "1-1");
  discord.command("shop");
  await discord.until("the command arrives", () => bot.commands.length === 1);
});

test("a connection that Discord closed for good is opened anew, ever more rarely", async (context) => {
  const { discord, bot } = await startBench(context, { start: false });
  const waits: number[] = [];
  const surface = surfaceOf(discord, bot, {
    sleep: async (ms) => void waits.push(ms),
  });
  context.after(() => surface.stop());
  await surface.start();
  for (const [round, code] of [undefined, 4004, 4010, 4014].entries()) {
    if (code !== undefined) discord.gateway.closeWith(code);
    await discord.until("a session", () => discord.gateway.counts.identified === round + 1);
    while (!surface.isConnected()) await new Promise(setImmediate);
    if (round === 0) waits.length = 0;
  }
  discord.command("shop");
  await discord.until("the command arrives", () => bot.commands.length === 1);
  assert.deepEqual(waits, [5000, 60_000, 600_000]);
});

test("a card that was posted without an answer is one message, and shows what was posted last", async (context) => {
  const { discord, surface, place } = await startBench(context);
  discord.outage.begin("unanswered");
  await assert.rejects(surface.post(place, { ...CARD, headline: "looking …" }, "1-1"));
  await discord.outage.end();
  await surface.post(place, CARD, "1-1");
  assert.deepEqual(
    discord.messages().map(({ text }) => text.includes(CARD.headline)),
    [true],
  );
});

test("where Discord is down at the start, the start goes on and Discord joins later", async (context) => {
  const { discord, surface } = await startBench(context, { start: false });
  discord.goDown();
  const started = surface.start();
  assert.equal(surface.isConnected(), false);
  discord.goUp();
  await started;
  await discord.until("connected", () => discord.gateway.connected() === 1);
});

test("a token that is refused ends the start with what to do", async (context) => {
  const { discord, surface } = await startBench(context, { start: false });
  discord.revokeToken();
  await assert.rejects(surface.start(), { code: "DISCORD_TOKEN_REFUSED", hint: /DISCORD_TOKEN/ });
});

test("a token that is revoked later is asked with once, not again and again", async (context) => {
  const { discord, surface, place } = await startBench(context);
  discord.revokeToken();
  const before = discord.world.requests.length;
  for (let times = 0; times < 5; times++) {
    await assert.rejects(surface.post(place, CARD, `1-${times}`), (error) => {
      return error instanceof SurfaceError && error.kind === "later" && error.retryAfterMs >= 600_000;
    });
  }
  assert.equal(discord.world.requests.length - before, 1);
});

test("a short rate limit is waited out; a long one is left to the publisher, with when to come again", async (context) => {
  const { discord, surface, place } = await startBench(context);
  discord.limits.refuseNext("POST /channels", { retryAfterMs: 60 });
  const posted = await surface.post(place, CARD, "1-1");
  assert.equal(discord.messages().length, 1);
  discord.limits.refuseNext("PATCH /channels", { retryAfterMs: 90_000 });
  await assert.rejects(surface.update(place, posted, CARD), (error) => {
    return error instanceof SurfaceError && error.kind === "later" && error.retryAfterMs >= 90_000;
  });
});

test("edits keep within the bucket that Discord announces: none is refused", async (context) => {
  const { discord, surface, place } = await startBench(context);
  discord.limits.limit(5, 100);
  const posted = await surface.post(place, CARD, "1-1");
  await Promise.all(
    Array.from({ length: 12 }, (_, n) => surface.update(place, posted, { ...CARD, incident: n })),
  );
  assert.equal(discord.messages()[0]?.edits, 12);
  assert.deepEqual(
    discord.world.requests.filter((line) => line.endsWith(" 429")),
    [],
  );
});

test("the command is registered once, when it differs, and other commands are left alone", async (context) => {
  const { discord, surface, bot } = await startBench(context, { start: false });
  discord.world.commands.set(discord.guildId, [
    { id: "1", name: "diagnose502", type: 1, description: "old" },
    { id: "2", name: "deploy", type: 1, description: "theirs" },
  ]);
  await surface.start();
  const again = surfaceOf(discord, bot);
  context.after(() => again.stop());
  await again.start();
  const commands = discord.world.commands.get(discord.guildId) ?? [];
  assert.deepEqual(
    commands.map(({ name }) => name),
    ["diagnose502", "deploy"],
  );
  const writes = discord.world.requests.filter((line) =>
    /^(?:POST|PUT|PATCH|DELETE) .*\/commands/.test(line),
  );
  assert.equal(writes.length, 1);
});
