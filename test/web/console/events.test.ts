import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreError } from "../../../src/store/store-error.ts";
import { createConsoleSurface } from "../../../src/web/console/create-console-surface.ts";
import { createEventStream } from "../../../src/web/console/event-stream.ts";
import { createFakeBot, lookingCard } from "../../fakes/bot.ts";
import { ask } from "../ask.ts";
import { openWeb, pageHeaders, signIn } from "../open-web.ts";
import { readEvents } from "./read-events.ts";

const NOTE = { key: "1-a", text: "Diagnosed.", quotes: [], loud: false };
const PLACE = { surface: "console", workspace: "local", channel: "console" } as const;

test("a page is told who it is, then every message and note there is", async (t) => {
  const { origin, bot } = await openWeb(t);
  await bot.show(lookingCard(1, "shop", "ana"), [NOTE]);
  const { next } = await readEvents(t, origin, { cookie: await signIn(origin) });
  assert.deepEqual(await next(), { id: undefined, event: "reset", data: { person: "ana" } });
  const message = await next();
  assert.deepEqual([message.event, message.data.id], ["message", "incident-1"]);
  assert.deepEqual((await next()).data, { id: "incident-1", note: NOTE });
});

test("every open page sees a change at once", async (t) => {
  const { origin, bot } = await openWeb(t);
  const cookie = await signIn(origin);
  const pages = await Promise.all([readEvents(t, origin, { cookie }), readEvents(t, origin, { cookie })]);
  for (const page of pages) assert.equal((await page.next()).event, "reset");
  await bot.show(lookingCard(1, "shop", "ana"));
  for (const page of pages) assert.equal((await page.next()).data.id, "incident-1");
});

test("a page that was cut off gets what it missed, and nothing twice", async (t) => {
  const { origin, bot } = await openWeb(t);
  const cookie = await signIn(origin);
  const before = await readEvents(t, origin, { cookie });
  await before.next();
  await bot.show(lookingCard(1, "shop", "ana"));
  const { id = "" } = await before.next();
  before.close();
  await bot.show(lookingCard(2, "blog", "ana"));
  await bot.show(lookingCard(1, "shop", "ana"), [NOTE]);
  await bot.show({ ...lookingCard(2, "blog", "ana"), headline: "blog is fine" });
  const after = await readEvents(t, origin, { cookie, "last-event-id": id });
  assert.equal((await after.next()).event, "resumed");
  const changes = [await after.next(), await after.next(), await after.next()];
  assert.deepEqual(
    changes.map(({ event, data }) => [event, data.id]),
    [
      ["message", "incident-1"],
      ["message", "incident-2"],
      ["note", "incident-1"],
    ],
  );
  assert.equal((changes[1]?.data.card as { headline?: string } | undefined)?.headline, "blog is fine");
});

test("a place in the stream of another run of the bot means nothing: the page starts afresh", async (t) => {
  const { origin } = await openWeb(t);
  for (const id of ["another-run:7", "", "x", "a:b:c", `${"9".repeat(400)}:1`]) {
    const { next } = await readEvents(t, origin, { cookie: await signIn(origin), "last-event-id": id });
    assert.equal((await next()).event, "reset", id);
  }
});

test("after a restart of the bot, open incidents and their threads are there again", async (t) => {
  const bot = createFakeBot();
  await bot.show(lookingCard(1, "shop", "ana"), [NOTE]);
  await bot.show(lookingCard(2, "blog", "ana"));
  const { origin } = await openWeb(t, { bot });
  const { next } = await readEvents(t, origin, { cookie: await signIn(origin) });
  const ids = [await next(), await next(), await next(), await next()].map(({ data }) => data.id);
  assert.deepEqual(ids, [undefined, "incident-1", "incident-2", "incident-1"]);
});

test("a message from before a restart is edited, not posted twice", async () => {
  const surface = createConsoleSurface({ userName: "ana" });
  const message = await surface.post(PLACE, lookingCard(7, "shop", "ana"), "7-1");
  const restarted = createConsoleSurface({ userName: "ana" });
  await restarted.update(PLACE, message, lookingCard(7, "shop", "ana"));
  const again = await restarted.post(PLACE, lookingCard(7, "shop", "ana"), "7-1");
  assert.deepEqual(again, message);
  assert.equal(restarted.view.changesSince(0).changes.length, 1);
});

test("a note that comes twice is shown once", async () => {
  const surface = createConsoleSurface({ userName: "ana" });
  const message = await surface.post(PLACE, lookingCard(7, "shop", "ana"), "7-1");
  await surface.reply(PLACE, message, NOTE);
  await surface.reply(PLACE, message, NOTE);
  assert.equal(surface.view.changesSince(0).changes.filter(({ kind }) => kind === "note").length, 1);
});

test("a thousand incidents leave the newest hundred", async () => {
  const surface = createConsoleSurface({ userName: "ana" });
  for (let number = 1; number <= 1000; number++) {
    await surface.post(PLACE, lookingCard(number, "shop", "ana"), `${number}-1`);
  }
  const ids = surface.view.changesSince(0).changes.map(({ id }) => id);
  assert.equal(ids.length, 100);
  assert.deepEqual([ids[0], ids.at(-1)], ["incident-901", "incident-1000"]);
});

test("a page that does not read gets the last state, not every one on the way", async () => {
  const surface = createConsoleSurface({ userName: "ana" });
  const message = await surface.post(PLACE, lookingCard(1, "shop", "ana"), "1-1");
  for (let n = 0; n < 1000; n++) {
    await surface.update(PLACE, message, { ...lookingCard(1, "shop", "ana"), headline: `look ${n}` });
  }
  const { changes } = surface.view.changesSince(0);
  assert.deepEqual(
    changes.map((change) => (change.kind === "message" ? change.card.headline : "")),
    ["look 999"],
  );
});

test("when the bot stops, its pages are let go", async (t) => {
  const { web, origin } = await openWeb(t);
  const { next, ended } = await readEvents(t, origin, { cookie: await signIn(origin) });
  await next();
  await web.stop();
  await ended;
  await assert.rejects(ask(`${origin}/healthz`), /ECONNREFUSED/);
});

test("a page that nothing happens on is told every quarter of a minute that the bot is there", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { view } = createConsoleSurface({ userName: "ana" });
  const reader = createEventStream(view, { lastEventId: undefined, hello: {} }).getReader();
  await reader.read();
  const beat = reader.read();
  await new Promise(setImmediate);
  t.mock.timers.tick(15_000);
  // a comment would be kept from the page's script
  assert.equal(Buffer.from((await beat).value ?? []).toString(), "event: beat\ndata: {}\n\n");
  await reader.cancel();
});

test("a page is told that it has everything once it has, and not before", async () => {
  const surface = createConsoleSurface({ userName: "ana" });
  const message = await surface.post(PLACE, lookingCard(1, "shop", "ana"), "1-1");
  await surface.reply(PLACE, message, NOTE);
  const lastEventId = `${surface.view.epoch}:0`;
  for (const from of [undefined, lastEventId]) {
    const reader = createEventStream(surface.view, { lastEventId: from, hello: {} }).getReader();
    const text = Buffer.from((await reader.read()).value ?? []).toString();
    const events = [...text.matchAll(/^event: (.*)$/gm)].map(([, event]) => event);
    assert.deepEqual(events, [from === undefined ? "reset" : "resumed", "message", "note", "beat"]);
    await reader.cancel();
  }
});

test("a page that opens its stream anew names its place in the address; the browser's own is the later one", async (t) => {
  const { origin, bot } = await openWeb(t);
  const cookie = await signIn(origin);
  const before = await readEvents(t, origin, { cookie });
  await before.next();
  await bot.show(lookingCard(1, "shop", "ana"));
  const { id: first = "" } = await before.next();
  await bot.show(lookingCard(2, "blog", "ana"));
  const { id: second = "" } = await before.next();
  const path = `/console/events?after=${encodeURIComponent(first)}`;
  const anew = await readEvents(t, origin, { cookie }, path);
  assert.equal((await anew.next()).event, "resumed");
  assert.equal((await anew.next()).data.id, "incident-2");
  const again = await readEvents(t, origin, { cookie, "last-event-id": second }, path);
  assert.equal((await again.next()).event, "resumed");
  await bot.show(lookingCard(3, "shop", "ana"));
  assert.equal((await again.next()).data.id, "incident-3");
});

test("evidence is a file to download, by a name that no path can hide in", async (t) => {
  const { origin, bot } = await openWeb(t);
  const file = { name: '../../e"vil\r\n.json', text: "<script>alert(1)</script>" };
  await bot.show(lookingCard(1, "shop", "ana"), [{ ...NOTE, file }]);
  const cookie = await signIn(origin);
  const { status, headers, text } = await ask(`${origin}/console/files/1/1-a`, { headers: { cookie } });
  assert.equal(status, 200);
  assert.equal(headers["content-disposition"], 'attachment; filename="e-vil--.json"');
  assert.match(String(headers["content-type"]), /^text\/plain/);
  assert.equal(text, `${file.text}\n`);
  assert.equal((await ask(`${origin}/console/files/1/1-b`, { headers: { cookie } })).status, 404);
  assert.equal((await ask(`${origin}/console/files/x/1-a`, { headers: { cookie } })).status, 404);
});

const LINES: readonly (readonly [string, string | undefined])[] = [
  ["/diagnose502 shop", "shop"],
  ["  /diagnose502   shop ", "shop"],
  ["/diagnose502", ""],
  ["/diagnose502 https://shop.example.com/", "https://shop.example.com/"],
  ["shop", "shop"],
  ["/diagnose502shop", undefined],
  ["/restart everything", undefined],
];
for (const [line, command] of LINES) {
  const what = command === undefined ? "is not a command for the bot" : `asks the bot for "${command}"`;
  test(`"${line}" ${what}`, async (t) => {
    const { origin, bot } = await openWeb(t);
    const headers = await pageHeaders(origin);
    const body = JSON.stringify({ text: line });
    const { text } = await ask(`${origin}/console/command`, { method: "POST", headers, body });
    assert.deepEqual(
      bot.commands.map((one) => one.text),
      command === undefined ? [] : [command],
    );
    assert.notEqual(JSON.parse(text).text, "");
  });
}

test("what an operator can see to is said where it was met", async (t) => {
  const { origin, bot } = await openWeb(t);
  t.mock.method(bot, "press", () =>
    Promise.reject(new StoreError("The disk is full.", { hint: "Make room." })),
  );
  const headers = await pageHeaders(origin);
  const body = JSON.stringify({ action: "approve", value: "1", messageId: "incident-1" });
  const { text } = await ask(`${origin}/console/press`, { method: "POST", headers, body });
  assert.equal(JSON.parse(text).text, "The disk is full. Make room.");
});

test("whoever sits at the console is the user the bot runs as", async (t) => {
  const { origin, bot } = await openWeb(t);
  await bot.show(lookingCard(1, "shop", "ana"));
  const headers = await pageHeaders(origin);
  const press = { action: "look-again", value: "1", messageId: "incident-1" };
  await ask(`${origin}/console/press`, { method: "POST", headers, body: JSON.stringify(press) });
  const person = { surface: "console", workspace: "local", id: "ana", name: "ana" };
  assert.deepEqual(bot.presses, [{ ...press, person, place: PLACE }]);
});
