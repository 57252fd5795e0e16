import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { CARD, fakeBot, fakeLog, INTENT, startBench, surfaceOf } from "./bench.ts";

/** A surface behind a web server, to which Discord sends its interactions. */
async function startHttpBench(context: TestContext, bot = fakeBot()) {
  const bench = await startBench(context, {
    bot,
    mode: ({ publicKey }) => ({ kind: "http", publicKey }),
  });
  const { receiveInteractions } = bench.surface;
  assert.ok(receiveInteractions);
  const server = createServer(getRequestListener(receiveInteractions));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  bench.discord.sendInteractionsTo(`http://127.0.0.1:${address.port}/`);
  return bench;
}

test("no gateway connection is opened where interactions come over HTTP", async (context) => {
  const { discord, surface } = await startHttpBench(context);
  assert.equal(discord.gateway.counts.identified, 0);
  assert.ok(surface.isConnected());
});

test("a ping is answered, as Discord wants it before it takes the address", async (context) => {
  const { discord } = await startHttpBench(context);
  const { status, text } = await discord.deliver('{"type":1}');
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(text), { type: 1 });
});

test("a command is acknowledged and answered by requests of ours, so that nothing overtakes the acknowledgement", async (context) => {
  const { discord, bot, place } = await startHttpBench(context);
  const asked = discord.command("shop");
  await discord.until("an answer", () => discord.answers(asked)[0]?.text === "Looking at shop.");
  assert.equal(asked.ack?.type, 5);
  assert.deepEqual(bot.commands, [{ text: "shop", person: "100000000000000001", place }]);
  await discord.until("the request of Discord is answered", () =>
    discord.world.requests.includes("interaction delivered 202"),
  );
});

test("suggestions stand in the response itself", async (context) => {
  const { discord } = await startHttpBench(context);
  const typed = discord.autocomplete("shop-");
  await discord.until("suggestions", () => typed.ack !== undefined);
  assert.deepEqual(typed.ack?.data, { choices: [{ name: "shop-eu", value: "shop-eu" }] });
});

test("buttons and the second question work the same", async (context) => {
  const { discord, bot, surface, place } = await startHttpBench(context);
  bot.cards = [CARD];
  const { messageId } = await surface.post(place, CARD, "1-1");
  const asked = discord.press(messageId, "Restart upstream only");
  await discord.until(
    "the question",
    () => discord.answers(asked)[0]?.text.includes("restarted once") === true,
  );
  const yes = discord.press(discord.answers(asked)[0]?.id ?? "", "Restart it");
  await discord.until("an answer", () => discord.answers(yes)[0]?.text === "Noted: approve.");
  assert.deepEqual(
    bot.presses.map(({ value, messageId: of }) => [value, of]),
    [[INTENT, messageId]],
  );
});

test("what is not signed, signed for something else, or sent again is refused without a reason", async (context) => {
  const { discord, bot } = await startHttpBench(context);
  const { payload } = discord.command("shop");
  await discord.until("it arrives", () => bot.commands.length === 1);
  const body = JSON.stringify({ ...payload, id: "1" });
  const good = discord.signatureOf(body);
  const old = discord.signatureOf(body, String(Math.floor(discord.world.now() / 1000) - 301));
  const forged = [
    { "x-signature-ed25519": "", "x-signature-timestamp": "" },
    { ...good, "x-signature-ed25519": "0".repeat(128) },
    { ...good, "x-signature-timestamp": "1" },
    discord.signatureOf(`${body} `),
    old,
  ];
  for (const headers of forged) {
    assert.deepEqual(await discord.deliver(body, headers), { status: 401, text: "" });
  }
  assert.notEqual((await discord.deliver(body, good)).status, 401);
  assert.deepEqual(await discord.deliver(body, good), { status: 401, text: "" });
  assert.equal(bot.commands.length, 1, "this interaction is unknown to Discord, so nothing is done");
});

test("what is signed and is no interaction of ours is a bad request, and a flood is cut off", async (context) => {
  const { discord, bot } = await startHttpBench(context);
  const modal = JSON.stringify({ ...discord.autocomplete("").payload, type: 5 });
  for (const body of ["", "not json", "[]", '{"type":"2"}', modal]) {
    assert.equal((await discord.deliver(body)).status, 400);
  }
  assert.equal((await discord.deliver("x".repeat(1024 * 1024 + 1))).status, 413);
  assert.deepEqual(bot.commands, []);
});

test("a public key that is none ends the start with what to do", async (context) => {
  const { discord, bot } = await startBench(context, { start: false });
  const mode = { kind: "http", publicKey: "abc" } as const;
  assert.throws(() => surfaceOf(discord, bot, { log: fakeLog(), mode }), {
    code: "DISCORD_PUBLIC_KEY_INVALID",
  });
});
