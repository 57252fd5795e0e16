import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnswerOnce } from "../../../src/web/console/answer-once.ts";
import { textAnswer } from "../../../src/web/web-message.ts";
import { ask } from "../ask.ts";
import { openWeb, pageHeaders } from "../open-web.ts";

const ID = "00112233445566778899aabbccddeeff";

/** Something to be done, with a count of how often it was. */
function openDoer() {
  let ms = 0;
  let done = 0;
  const once = createAnswerOnce({ now: () => ms });
  return {
    pass: (more: number) => (ms += more),
    async ask({ id = ID, path = "/console/press", body = "{}" } = {}) {
      const headers = new Headers({ "idempotency-key": id });
      const url = new URL(path, "http://127.0.0.1");
      const request = {
        method: "POST",
        url,
        params: {},
        headers,
        body: Buffer.from(body),
        remoteAddress: "",
      };
      return (await once(request, async () => textAnswer(200, `done ${++done}`))).body;
    },
  };
}

test("a request that comes again is answered as before, and does nothing", async () => {
  const { ask: send } = openDoer();
  assert.equal(await send(), "done 1\n");
  assert.equal(await send(), "done 1\n");
  assert.equal(await send({ id: ID.replace("0", "1") }), "done 2\n");
});

test("another path or body is another request, whatever number it has", async () => {
  const { ask: send } = openDoer();
  assert.equal(await send(), "done 1\n");
  assert.equal(await send({ path: "/console/command" }), "done 2\n");
  assert.equal(await send({ body: '{"action":"deny"}' }), "done 3\n");
});

test("one that comes again while the first is under way waits for that one's answer", async () => {
  const once = createAnswerOnce({ now: () => 0 });
  const headers = new Headers({ "idempotency-key": ID });
  const url = new URL("http://127.0.0.1/console/press");
  const request = { method: "POST", url, params: {}, headers, body: Buffer.from("{}"), remoteAddress: "" };
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof textAnswer>>();
  const both = [once(request, () => promise), once(request, () => assert.fail("it was done a second time"))];
  resolve(textAnswer(200, "done"));
  assert.deepEqual(await Promise.all(both), [textAnswer(200, "done"), textAnswer(200, "done")]);
});

test("a number is known for ten minutes, and no more than 200 are", async () => {
  const { ask: send, pass } = openDoer();
  assert.equal(await send(), "done 1\n");
  pass(10 * 60_000);
  assert.equal(await send(), "done 1\n");
  pass(1);
  assert.equal(await send(), "done 2\n");
  const idOf = (n: number) => n.toString(16).padStart(32, "0");
  for (let n = 0; n < 199; n++) await send({ id: idOf(n) });
  assert.equal(await send(), "done 2\n");
  await send({ id: idOf(199) });
  assert.equal(await send(), "done 203\n");
});

for (const id of [undefined, "", "x", ID.slice(1), `${ID}0`, ID.toUpperCase(), "g".repeat(32)]) {
  test(`nothing is done under the number ${id === undefined ? "that is missing" : `"${id}"`}`, async (t) => {
    const { origin, bot } = await openWeb(t);
    const { "idempotency-key": _, ...rest } = await pageHeaders(origin);
    const headers = id === undefined ? rest : { ...rest, "idempotency-key": id };
    const body = JSON.stringify({ text: "shop" });
    const { status } = await ask(`${origin}/console/command`, { method: "POST", headers, body });
    assert.equal(status, 400);
    assert.deepEqual(bot.commands, []);
  });
}

test("a command and a press that are sent twice are done once", async (t) => {
  const { origin, bot } = await openWeb(t);
  for (const [path, body] of [
    ["/console/command", { text: "shop" }],
    ["/console/press", { action: "look-again", value: "1", messageId: "incident-1" }],
  ] as const) {
    const sent = { method: "POST", headers: await pageHeaders(origin), body: JSON.stringify(body) };
    const first = await ask(origin + path, sent);
    assert.deepEqual((await ask(origin + path, sent)).text, first.text);
    assert.equal(first.status, 200);
  }
  assert.deepEqual([bot.commands.length, bot.presses.length], [1, 1]);
});
