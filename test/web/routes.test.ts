import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import * as fromDiscord from "../../src/chat/discord/verify-signature.ts";
import * as fromSlack from "../../src/chat/slack/verify-signature.ts";
import { createConsoleKey } from "../../src/web/console-key.ts";
import { createRouter } from "../../src/web/create-router.ts";
import type { GuardName } from "../../src/web/guards.ts";
import type { PlatformHandler, Route, SignedEndpoint } from "../../src/web/routes.ts";
import { textAnswer } from "../../src/web/web-message.ts";
import { makeRequest, startReceiver, TOKEN } from "../intake/alerts/receiver.ts";
import { type Answer, ask } from "./ask.ts";
import { CONSOLE_KEY, openWeb, SILENT, signIn } from "./open-web.ts";

const METRICS_TOKEN = "a-token-for-metrics-that-nobody-guesses-0";
const OTHER_KEY = "the-key-of-another-start-0123456789abcdef";
const DAY_MS = 24 * 60 * 60 * 1000;
const BODY = "{}";
const SLACK_SECRET = "0123456789abcdef0123456789abcdef";
const DISCORD = generateKeyPairSync("ed25519");
const STRANGER = generateKeyPairSync("ed25519");

/** Every route there is, and how it knows that it may answer: a new one needs its line here. */
const TABLE = [
  "GET /healthz: none",
  "GET /readyz: none",
  "GET /metrics: loopback-or-token",
  "GET /: console-key",
  "GET /console/assets/:build/:file: console-key",
  "GET /console/events: console-key",
  "GET /console/sites: console-key",
  "GET /console/files/:incident/:note: console-key",
  "POST /console/command: console-key",
  "POST /console/press: console-key",
  "ALL /alerts/:source: alert-proof",
  "ALL /alerts/:source/: alert-proof",
  "POST /slack/events: slack-signature",
  "POST /discord/interactions: discord-signature",
];

/** Platforms that say yes to whatever their real check of the signature lets through. */
const discord: PlatformHandler = async (request) => {
  const header = (name: string) => request.headers.get(name) ?? "";
  const signed = {
    body: Buffer.from(await request.arrayBuffer()),
    signature: header("x-signature-ed25519"),
    timestamp: header("x-signature-timestamp"),
  };
  const isSigned = fromDiscord.isSigned(signed, { key: DISCORD.publicKey, now: Date.now() });
  return new Response(null, { status: isSigned ? 204 : 401 });
};
const slack: SignedEndpoint = {
  async isGenuine({ header, body }) {
    const signature = header("x-slack-signature") ?? "";
    const timestamp = header("x-slack-request-timestamp") ?? "";
    return fromSlack.isSigned({ body, signature, timestamp }, { secrets: [SLACK_SECRET], now: Date.now() });
  },
  handle: async () => ({ status: 204 }),
};

/** Signed that long ago. */
const seconds = (ago: number) => String(Math.floor(Date.now() / 1000) - ago);
function signedBySlack({ ago = 0, secret = SLACK_SECRET, body = BODY } = {}): Headers {
  const timestamp = seconds(ago);
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return { "x-slack-signature": `v0=${digest}`, "x-slack-request-timestamp": timestamp };
}
function signedByDiscord({ ago = 0, key = DISCORD.privateKey, body = BODY } = {}): Headers {
  const timestamp = seconds(ago);
  const signature = sign(null, Buffer.from(timestamp + body), key satisfies KeyObject).toString("hex");
  return { "x-signature-ed25519": signature, "x-signature-timestamp": timestamp };
}

/** Every part is there, behind a proxy: nobody is trusted for where they come from. */
async function openAll(t: TestContext) {
  let clock = Date.now();
  const opened = await openWeb(t, {
    publicUrl: "https://bot.example.com/",
    metrics: { contentType: "text/plain", text: async () => "up 1\n", token: METRICS_TOKEN },
    alertHandler: startReceiver().receiver,
    slackHandler: slack,
    discordHandler: discord,
    now: () => clock,
  });
  return { ...opened, pass: (ms: number) => (clock += ms) };
}

type Headers = Readonly<Record<string, string>>;

/** For each guard what must not open it, and what does. */
const CREDENTIALS: Readonly<
  Record<GuardName, { readonly wrong: readonly Headers[]; right(origin: string): Promise<Headers> }>
> = {
  none: { wrong: [], right: async () => ({}) },
  "console-key": {
    wrong: [
      {},
      { cookie: "diagnose502_console=" },
      { cookie: `diagnose502_console=${CONSOLE_KEY}` },
      { cookie: `diagnose502_console=${Date.now()}.AAAA` },
      { authorization: `Bearer ${CONSOLE_KEY}` },
      { authorization: `Bearer ${METRICS_TOKEN}` },
    ],
    right: async (origin) => ({ cookie: await signIn(origin), origin }),
  },
  "loopback-or-token": {
    wrong: [
      {},
      { authorization: "Bearer wrong" },
      { authorization: `Bearer ${METRICS_TOKEN}x` },
      { authorization: METRICS_TOKEN },
      { authorization: `Bearer ${CONSOLE_KEY}` },
    ],
    right: async () => ({ authorization: `Bearer ${METRICS_TOKEN}` }),
  },
  "alert-proof": {
    wrong: [{}, { authorization: "Bearer wrong" }, { authorization: `Bearer ${METRICS_TOKEN}` }],
    right: async () => ({ authorization: `Bearer ${TOKEN}` }),
  },
  "slack-signature": {
    wrong: [
      {},
      { ...signedBySlack(), "x-slack-signature": "no" },
      signedBySlack({ secret: "another secret" }),
      signedBySlack({ body: "{ }" }),
      signedBySlack({ ago: 301 }),
      signedBySlack({ ago: -400 }),
      signedByDiscord(),
    ],
    right: async () => signedBySlack(),
  },
  "discord-signature": {
    wrong: [
      {},
      { ...signedByDiscord(), "x-signature-ed25519": "0".repeat(128) },
      signedByDiscord({ key: STRANGER.privateKey }),
      signedByDiscord({ body: "{ }" }),
      signedByDiscord({ ago: 301 }),
      signedByDiscord({ ago: -400 }),
      signedBySlack(),
    ],
    right: async () => signedByDiscord(),
  },
};

function walk(origin: string, route: Route, headers: Headers): Promise<Answer> {
  const { path } = route;
  const method = route.method === "ALL" ? "POST" : route.method;
  const filled = path.replace(":source", "alertmanager").replaceAll(/:\w+/g, "1");
  const body = method === "POST" ? BODY : undefined;
  return ask(origin + filled, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

test("the routes are these and no others", async (t) => {
  const { web } = await openAll(t);
  assert.deepEqual(
    web.routes.map(({ method, path, guard }) => `${method} ${path}: ${guard}`),
    TABLE,
  );
});

test("no route answers without credentials, or with wrong, foreign or stale ones", async (t) => {
  const { web, origin, bot } = await openAll(t);
  for (const route of web.routes) {
    for (const headers of CREDENTIALS[route.guard].wrong) {
      const { status } = await walk(origin, route, headers);
      assert.equal(status, 401, `${route.method} ${route.path} with ${JSON.stringify(headers)}`);
    }
  }
  assert.deepEqual(bot.commands, []);
  assert.deepEqual(bot.presses, []);
});

test("every route answers with the right ones", async (t) => {
  const { web, origin } = await openAll(t);
  for (const route of web.routes.filter(({ path }) => path !== "/console/events")) {
    const { status } = await walk(origin, route, await CREDENTIALS[route.guard].right(origin));
    assert.ok(![401, 403, 421, 500].includes(status), `${route.method} ${route.path}: ${status}`);
  }
});

test("a cookie of yesterday, or of the key before, opens nothing", async (t) => {
  const { web, origin, pass } = await openAll(t);
  const cookie = await signIn(origin);
  const behind = web.routes.filter(({ guard }) => guard === "console-key");
  pass(DAY_MS);
  const before = createConsoleKey(OTHER_KEY, { now: Date.now }).makeCookie({ secure: false });
  for (const route of behind) {
    for (const stale of [cookie, before]) {
      assert.equal((await walk(origin, route, { cookie: stale, origin })).status, 401, route.path);
    }
  }
  assert.equal((await ask(`${origin}/?key=${OTHER_KEY}`)).status, 401);
});

test("an alert that was signed six minutes ago opens nothing", async (t) => {
  const { receiver, clock } = startReceiver();
  const { origin } = await openWeb(t, { alertHandler: receiver });
  for (const [source, age, expected] of [
    ["generic", 0, 200],
    ["generic", 360_000, 401],
    ["grafana", 360_000, 401],
    ["generic", -360_000, 401],
  ] as const) {
    const { headers, rawBody } = makeRequest(source, { status: "resolved" }, { signedAtMs: clock.ms - age });
    const { status } = await ask(`${origin}/alerts/${source}`, {
      method: "POST",
      headers: Object.fromEntries(headers),
      body: rawBody.toString(),
    });
    if (expected === 401) assert.equal(status, 401, `${source} ${age}`);
    else assert.notEqual(status, 401, `${source} ${age}`);
  }
});

test("what the router answers is what the table says, row by row", () => {
  const row = (method: Route["method"], path: string): Route => ({
    method,
    path,
    guard: "none",
    handle: async () => textAnswer(200, "here"),
  });
  const table = [row("GET", "/a"), row("POST", "/b/:c"), row("ALL", "/d")];
  const pass = async (_request: unknown, next: () => Promise<ReturnType<typeof textAnswer>>) => next();
  const guards = {
    none: pass,
    "console-key": pass,
    "loopback-or-token": pass,
    "alert-proof": pass,
    "slack-signature": pass,
    "discord-signature": pass,
  };
  const { routes } = createRouter(table, { guards, log: SILENT });
  assert.deepEqual(
    routes.map(({ method, path }) => ({ method, path })),
    table.map(({ method, path }) => ({ method, path })),
  );
});

test("there is one server and one router, so there is no way around the table", () => {
  const root = join(import.meta.dirname, "../..");
  const found = (pattern: RegExp) =>
    globSync("src/**/*.ts", { cwd: root }).filter((path) =>
      pattern.test(readFileSync(join(root, path), "utf8")),
    );
  assert.deepEqual(found(/from "hono/), ["src/web/create-router.ts"]);
  assert.deepEqual(found(/createServer\(/), ["src/web/create-web.ts"]);
});

test("what has no row is not found, whoever asks", async (t) => {
  const { origin } = await openAll(t);
  const cookie = await signIn(origin);
  for (const path of [
    "/setup",
    "/debug",
    "/console",
    "/console/",
    "/console/assets/",
    "/metrics/",
    "/.env",
    "/%2e%2e/etc/passwd",
    "/alerts",
    "/alerts/a/b",
    "//console/events",
  ]) {
    const { status } = await ask(origin + path, { headers: { cookie } });
    assert.equal(status, 404, path);
  }
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
    assert.equal((await ask(`${origin}/`, { method, headers: { cookie } })).status, 404, method);
  }
});

test("a proven sender that does not post is told so; without proof every method is answered as a post is", async (t) => {
  const { origin } = await openAll(t);
  const right = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  for (const path of ["/alerts/alertmanager", "/alerts/alertmanager/"]) {
    for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
      const { status, headers } = await ask(origin + path, { method, headers: right });
      assert.deepEqual([status, headers.allow], [405, "POST"], `${method} ${path}`);
      assert.equal((await ask(origin + path, { method })).status, 401, `${method} ${path}`);
    }
    assert.equal((await ask(`${origin}/alerts/nobody`, { method: "PUT", headers: right })).status, 401);
    assert.equal((await ask(`${origin}/alerts/nobody`)).status, 401);
    const stored = { method: "POST", headers: right, body: '{"alerts":[]}' };
    assert.equal((await ask(origin + path, stored)).status, 200, path);
  }
});

test("parts that are not configured have no route", async (t) => {
  const { web, origin } = await openWeb(t);
  assert.ok(web.routes.every(({ path }) => !/slack|discord|alerts/.test(path)));
  assert.equal((await ask(`${origin}/slack/events`, { method: "POST", body: "{}" })).status, 404);
});

test("every answer forbids scripts, frames, guesses of its type, and its being found", async (t) => {
  const { web, origin } = await openAll(t);
  for (const path of [...web.routes.map((route) => route.path), "/nothing"]) {
    const { headers } = await ask(origin + path);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/, path);
    assert.equal(headers["x-content-type-options"], "nosniff", path);
    assert.equal(headers["referrer-policy"], "no-referrer", path);
    assert.match(String(headers["x-robots-tag"]), /noindex/, path);
    assert.equal(headers["access-control-allow-origin"], undefined, path);
  }
});

test("who fails too often is told to go away, and a proven sender in between is not", async (t) => {
  const { origin } = await openAll(t);
  const url = `${origin}/alerts/alertmanager`;
  const wrong = { method: "POST", body: "{}", headers: { authorization: "Bearer no" } };
  const statuses = await Promise.all(Array.from({ length: 150 }, async () => (await ask(url, wrong)).status));
  assert.deepEqual([...new Set(statuses)].toSorted(), [401, 429]);
  const proven = { "content-type": "application/json", authorization: `Bearer ${TOKEN}` };
  const { status } = await ask(url, {
    method: "POST",
    headers: proven,
    body: '{"status":"firing","alerts":[]}',
  });
  assert.ok(![401, 429].includes(status), String(status));
});
