import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { ask } from "./ask.ts";
import { openWeb, pageHeaders, SILENT } from "./open-web.ts";

const MIB = 1024 * 1024;

/** A door for senders that keeps what it was given. */
async function openEcho(t: Parameters<typeof openWeb>[0]) {
  const seen: Buffer[] = [];
  const unread: string[] = [];
  const failures: string[] = [];
  const { origin } = await openWeb(t, {
    log: { ...SILENT, error: (_fields, message) => void failures.push(message) },
    slackHandler: {
      async isGenuine({ body }) {
        seen.push(Buffer.from(body));
        return true;
      },
      async handle({ body }) {
        assert.deepEqual(body, seen.at(-1));
        return { status: 200 };
      },
    },
    discordHandler: async (received) => {
      seen.push(Buffer.from(await received.arrayBuffer()));
      return new Response(null, { status: 200 });
    },
    alertHandler: {
      async handle({ rawBody }) {
        seen.push(Buffer.from(rawBody));
        return { status: 200, body: "{}", headers: {} };
      },
      countUnread: (source, why) => void unread.push(`${source}: ${why}`),
    },
  });
  return { origin, seen, unread, failures };
}

test("what a sender's proof is checked against is what was sent, byte for byte", async (t) => {
  const { origin, seen } = await openEcho(t);
  const bodies = fc.sample(fc.uint8Array({ maxLength: 2000 }), 40);
  for (const body of bodies) {
    for (const path of ["/alerts/any", "/slack/events", "/discord/interactions"]) {
      assert.equal((await ask(origin + path, { method: "POST", body })).status, 200);
      assert.deepEqual(seen.pop(), Buffer.from(body));
    }
  }
});

test("a body in pieces is the same body", async (t) => {
  const { origin, seen } = await openEcho(t);
  const pieces = ['{"a":', '"\ufeff', "é", '"}'];
  await new Promise((resolve, reject) => {
    const sent = request(`${origin}/alerts/any`, { method: "POST", agent: false }, (response) => {
      response.resume().on("end", resolve);
    });
    sent.on("error", reject);
    for (const piece of pieces) sent.write(piece);
    sent.end();
  });
  assert.equal(seen[0]?.toString(), pieces.join(""));
});

for (const encoding of ["gzip", "br", "deflate", "zstd", "gzip, identity", "x"]) {
  test(`a body in content-encoding ${encoding} is not read`, async (t) => {
    const { origin, seen, unread } = await openEcho(t);
    const body = gzipSync("{}");
    const { status } = await ask(`${origin}/alerts/any`, {
      method: "POST",
      body,
      headers: { "content-encoding": encoding },
    });
    assert.equal(status, 415);
    assert.deepEqual(seen, []);
    assert.deepEqual(unread, ["any: No content-encoding is accepted."]);
  });
}

test("a body of 1 MiB is taken, one byte more is not", async (t) => {
  const { origin, seen, unread } = await openEcho(t);
  const post = (body: Buffer) => ask(`${origin}/alerts/any`, { method: "POST", body });
  assert.equal((await post(Buffer.alloc(MIB))).status, 200);
  assert.equal((await post(Buffer.alloc(MIB + 1))).status, 413);
  assert.equal(seen.length, 1);
  assert.deepEqual(unread, [`any: A body has at most ${MIB} bytes.`]);
});

test("a body without a length is read no further than 1 MiB", async (t) => {
  const { origin, seen } = await openEcho(t);
  const status = await new Promise((resolve, reject) => {
    const sent = request(`${origin}/alerts/any`, { method: "POST", agent: false }, (response) => {
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.on("error", (error: NodeJS.ErrnoException) => error.code === "ECONNRESET" || reject(error));
    const piece = Buffer.alloc(64 * 1024);
    const write = () => {
      if (!sent.destroyed) sent.write(piece, () => setImmediate(write));
    };
    write();
  });
  assert.equal(status, 413);
  assert.deepEqual(seen, []);
});

test("who hangs up in the middle of a body leaves no failure in the log", { timeout: 30_000 }, async (t) => {
  const { origin, seen, unread, failures } = await openEcho(t);
  for (const path of ["/slack/events", "/discord/interactions", "/alerts/any"]) {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1").resume();
    socket.end(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{`);
    await once(socket, "close");
  }
  while (unread.length === 0 && failures.length === 0) await delay(5);
  assert.deepEqual([unread, failures, seen], [["any: The body broke off."], [], []]);
});

const NOT_A_LINE: Readonly<Record<string, string | Buffer>> = {
  "no JSON": "text=shop",
  "an empty body": "",
  "no UTF-8": Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
  "nesting of 33": "[".repeat(33) + "]".repeat(33),
  "nesting of 100,000": "[".repeat(100_000) + "]".repeat(100_000),
  "the key __proto__": '{"text":"shop","__proto__":{"isAdmin":true}}',
  "the key __proto__ in disguise": '{"text":"shop","\\u005f_proto__":{}}',
  "a key too many": '{"text":"shop","place":"elsewhere"}',
  "a wrong type": '{"text":["shop"]}',
  "a line of 501 characters": JSON.stringify({ text: "x".repeat(501) }),
};

for (const [name, body] of Object.entries(NOT_A_LINE)) {
  test(`the console's command refuses ${name}`, async (t) => {
    const { origin, bot } = await openWeb(t);
    const headers = await pageHeaders(origin);
    const { status } = await ask(`${origin}/console/command`, { method: "POST", headers, body });
    assert.equal(status, 400);
    assert.deepEqual(bot.commands, []);
  });
}

test("no bytes at all bring the server down", async (t) => {
  const { origin } = await openWeb(t);
  const headers = await pageHeaders(origin);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), async (body) => {
      const { status } = await ask(`${origin}/console/press`, { method: "POST", headers, body });
      return status === 400;
    }),
    { numRuns: 100 },
  );
});
