import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { createConsoleKey, WeakConsoleKeyError } from "../../src/web/console-key.ts";
import { ListenError } from "../../src/web/create-web.ts";
import { createRateLimit } from "../../src/web/rate-limit.ts";
import { ask } from "./ask.ts";
import { CONSOLE_KEY, openWeb, signIn } from "./open-web.ts";

const KEY = { now: () => 1_000_000 };
const BY_HTTP = { secure: false };

test("the start-up address gives a cookie that scripts and other sites cannot use, and leaves no key behind", async (t) => {
  const { web } = await openWeb(t);
  const { status, headers } = await ask(web.consoleUrl() ?? "");
  assert.equal(status, 303);
  assert.equal(headers.location, "/");
  const [cookie = ""] = headers["set-cookie"] ?? [];
  assert.match(cookie, /HttpOnly; SameSite=Strict/);
  assert.doesNotMatch(cookie, new RegExp(CONSOLE_KEY));
});

test("behind a public https address the cookie travels by https only, by our own address as that is", async (t) => {
  const { web, origin } = await openWeb(t, { publicUrl: "https://bot.example.com" });
  assert.equal(web.consoleUrl({ publicly: true }), `https://bot.example.com/?key=${CONSOLE_KEY}`);
  const host = "bot.example.com";
  const { headers } = await ask(`${origin}/?key=${CONSOLE_KEY}`, { headers: { host } });
  assert.match(String(headers["set-cookie"]), /; Secure/);
  assert.equal(web.consoleUrl(), `${origin}/?key=${CONSOLE_KEY}`);
  const own = await ask(web.consoleUrl() ?? "");
  assert.doesNotMatch(String(own.headers["set-cookie"]), /Secure/);
});

test("a cookie with one character changed is no cookie", () => {
  const key = createConsoleKey(CONSOLE_KEY, KEY);
  const [cookie = ""] = key.makeCookie(BY_HTTP).split(";");
  assert.ok(key.isSignedIn(cookie));
  for (let at = cookie.indexOf("=") + 1; at < cookie.length; at++) {
    const changed = cookie.slice(0, at) + (cookie[at] === "1" ? "2" : "1") + cookie.slice(at + 1);
    assert.equal(key.isSignedIn(changed), false, changed);
  }
});

test("a cookie from the future is no cookie", () => {
  const later = createConsoleKey(CONSOLE_KEY, { ...KEY, now: () => 2_000_000 });
  assert.equal(createConsoleKey(CONSOLE_KEY, KEY).isSignedIn(later.makeCookie(BY_HTTP)), false);
});

test("a key that could be guessed is refused at the start", () => {
  for (const guessed of ["hunter2", "a".repeat(32), `${CONSOLE_KEY} `]) {
    assert.throws(
      () => createConsoleKey(guessed, KEY),
      (error) => error instanceof WeakConsoleKeyError && !error.message.includes(guessed),
      guessed,
    );
  }
});

const FOREIGN_HOSTS = [
  "evil.example",
  "127.0.0.1.evil.example",
  "localhost.evil.example:8502",
  "evil.example:127",
];
for (const host of FOREIGN_HOSTS) {
  test(`a page that lets ${host} point here is not served, cookie or not`, async (t) => {
    const { origin } = await openWeb(t);
    const cookie = await signIn(origin);
    for (const path of ["/", "/console/sites", `/?key=${CONSOLE_KEY}`]) {
      assert.equal((await ask(origin + path, { headers: { host, cookie } })).status, 421, path);
    }
    assert.equal((await ask(`${origin}/metrics`, { headers: { host } })).status, 401);
  });
}

for (const host of ["localhost:8502", "127.0.0.1", "[::1]:8502", "192.0.2.7:80", "bot.example.com"]) {
  test(`as ${host} the console is served`, async (t) => {
    const { origin } = await openWeb(t, { publicUrl: "https://bot.example.com/" });
    const { status } = await ask(`${origin}/`, { headers: { host, cookie: await signIn(origin) } });
    assert.equal(status, 200);
  });
}

const FOREIGN_POSTS: Readonly<Record<string, Record<string, string>>> = {
  "another site": { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  "another port of this machine": { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" },
  "a sandboxed frame": { origin: "null" },
  "a program that does not say where it is from": {},
};
for (const [who, headers] of Object.entries(FOREIGN_POSTS)) {
  test(`${who} cannot press a button with the cookie of a person`, async (t) => {
    const { origin, bot } = await openWeb(t);
    const cookie = await signIn(origin);
    for (const path of ["/console/command", "/console/press"]) {
      const { status } = await ask(origin + path, {
        method: "POST",
        headers: { ...headers, cookie },
        body: "{}",
      });
      assert.equal(status, 403);
    }
    assert.deepEqual(bot.commands, []);
  });
}

test("another page of this machine cannot read the stream with the cookie of a person", async (t) => {
  const { origin } = await openWeb(t);
  const headers = { cookie: await signIn(origin), "sec-fetch-site": "same-site" };
  assert.equal((await ask(`${origin}/console/sites`, { headers })).status, 403);
});

test("metrics need the token once a proxy stands in front", async (t) => {
  const { origin } = await openWeb(t);
  assert.equal((await ask(`${origin}/metrics`)).status, 200);
  assert.equal((await ask(`${origin}/metrics`, { headers: { "x-forwarded-for": "192.0.2.7" } })).status, 401);
  assert.equal((await ask(`${origin}/metrics`, { headers: { authorization: "Bearer wrong" } })).status, 401);
});

test("a port in use is said, with what to do", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const address = other.address();
  assert.ok(typeof address === "object" && address !== null);
  await assert.rejects(openWeb(t, { listen: { address: "127.0.0.1", port: address.port } }), (error) => {
    assert.ok(error instanceof ListenError);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${address.port} .*another program`));
    assert.match(error.hint, /web\.listen/);
    assert.equal(error.exitStatus, 75);
    return true;
  });
});

test("an address that this machine does not have, or not yet, is said, and may be tried again", async (t) => {
  await assert.rejects(openWeb(t, { listen: { address: "192.0.2.1", port: 0 } }), {
    message: /does not have that address/,
    exitStatus: 75,
  });
});

test("a source may send its burst at once, then so many a second", () => {
  let ms = 0;
  const limit = createRateLimit({ perSecond: 10, burst: 100, now: () => ms });
  const taken = (times: number) =>
    Array.from({ length: times }, () => limit.take("a")).filter(Boolean).length;
  assert.equal(taken(500), 100);
  ms += 1000;
  assert.equal(taken(500), 10);
  assert.equal(limit.take("b"), true);
  ms += 3_600_000;
  assert.equal(taken(500), 100);
});

test("a hundred thousand addresses leave the limit its size, and the guilty one limited", () => {
  const limit = createRateLimit({ perSecond: 0, burst: 1, now: () => 0 });
  assert.equal(limit.take("guilty"), true);
  for (let n = 0; n < 100_000; n++) {
    limit.take(`stranger ${n}`);
    assert.equal(limit.take("guilty"), false);
  }
  assert.equal(limit.take("stranger 0"), true);
});
