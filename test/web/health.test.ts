import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadinessCheck } from "../../src/web/health.ts";
import { ask } from "./ask.ts";
import { openWeb } from "./open-web.ts";

const ready = (name: string): ReadinessCheck => ({ name, isReady: () => true });

test("a process that answers is alive, and says how late its event loop was", async (t) => {
  const { origin } = await openWeb(t);
  const { status, text } = await ask(`${origin}/healthz`);
  assert.equal(status, 200);
  const { status: said, eventLoopLagMs } = JSON.parse(text);
  assert.equal(said, "ok");
  assert.ok(eventLoopLagMs >= 0);
});

test("health may be asked by HEAD, without a name and without a key", async (t) => {
  const { origin } = await openWeb(t);
  for (const path of ["/healthz", "/readyz"]) {
    assert.equal(
      (await ask(origin + path, { method: "HEAD", headers: { host: "bot.internal" } })).status,
      200,
    );
  }
});

test("ready means every part is", async (t) => {
  const { origin } = await openWeb(t, { checks: [ready("store"), ready("lock"), ready("slack")] });
  const { status, text } = await ask(`${origin}/readyz`);
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).status, "ok");
});

const NOT_READY: Readonly<Record<string, ReadinessCheck["isReady"]>> = {
  "says no": () => false,
  "says no later": async () => false,
  throws: () => {
    throw new Error("password=hunter2");
  },
  "fails later": () => Promise.reject(new Error("password=hunter2")),
  "never answers": () => new Promise(() => undefined),
};
for (const [what, isReady] of Object.entries(NOT_READY)) {
  test(`a part that ${what} makes the whole not ready, by name and without a reason`, async (t) => {
    const { origin } = await openWeb(t, { checks: [ready("store"), { name: "slack", isReady }] });
    const { status, text } = await ask(`${origin}/readyz`);
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(text), {
      status: "not ready",
      parts: [
        { name: "store", ready: true },
        { name: "slack", ready: false },
      ],
    });
  });
}

test("a part that is costly to ask is asked once for as long as its answer is good", async (t) => {
  let asked = 0;
  const isReady = () => {
    asked += 1;
    return asked === 1;
  };
  const { origin } = await openWeb(t, {
    checks: [
      { name: "store", isReady, validMs: 60_000 },
      { name: "slack", isReady, validMs: 0 },
    ],
  });
  const statuses = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await ask(`${origin}/readyz`)).text);
  assert.equal(asked, 1 + 3);
  assert.deepEqual(
    statuses.map((text) => JSON.parse(text).parts[0]),
    Array.from({ length: 3 }, () => ({ name: "store", ready: true })),
  );
});
