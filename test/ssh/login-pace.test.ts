import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { startCountdown } from "../../src/ssh/countdown.ts";
import { createLoginPace } from "../../src/ssh/login-pace.ts";

const LONG_MS = 60_000;

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** Logins that begin when it is their turn. `begun`: in which order they did. */
function startLogins(count: number) {
  const pace = createLoginPace();
  const begun: number[] = [];
  const places = Array.from({ length: count }, (_, index) => {
    const place = pace.enter();
    place.turn.then(() => begun.push(index));
    return place;
  });
  return { places, begun, settled: () => new Promise<void>((resolve) => setImmediate(resolve)) };
}

test("of many logins a few begin at once, and each that ends lets the next one begin", async () => {
  const { places, begun, settled } = startLogins(200);
  await settled();
  const atOnce = begun.length;
  assert.ok(atOnce >= 2 && atOnce <= 8, `${atOnce} at once`);
  for (const [index, place] of places.entries()) {
    place.leave();
    place.leave();
    await settled();
    assert.equal(begun.length, Math.min(200, atOnce + index + 1), "one more, and only one");
  }
  assert.deepEqual(begun, [...places.keys()], "in the order they came");
});

test("logins that never end hold up the others for a while only", async () => {
  const { begun, settled } = startLogins(20);
  while (begun.length < 20) {
    const before = begun.length;
    mock.timers.tick(LONG_MS);
    await settled();
    assert.ok(begun.length > before);
  }
});

test("a login that is given up while it waits takes no place", async () => {
  const { places, begun, settled } = startLogins(30);
  await settled();
  const atOnce = begun.length;
  for (const place of places.slice(atOnce, 29)) place.leave();
  places[0]?.leave();
  await settled();
  assert.equal(begun.at(-1), 29);
  assert.equal(begun.length, atOnce + 1);
});

test("time spent waiting for one's turn does not count as a host's own", () => {
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
    mock.timers.tick(ms);
  };
  const countdown = startCountdown(1000, { clock: { now: () => now } });
  pass(600);
  countdown.pause();
  pass(LONG_MS);
  countdown.resume();
  pass(399);
  assert.equal(countdown.signal.aborted, false);
  pass(1);
  assert.equal(countdown.signal.aborted, true);
});

test("who waits for a turn can still be stopped from outside, and nobody is once it is over", () => {
  for (const [stopped, aborted] of [
    [false, true],
    [true, false],
  ]) {
    const outer = new AbortController();
    const countdown = startCountdown(1000, { outer: outer.signal });
    countdown.pause();
    if (stopped) countdown.stop();
    outer.abort();
    assert.equal(countdown.signal.aborted, aborted);
  }
  assert.equal(startCountdown(1000, { outer: AbortSignal.abort() }).signal.aborted, true);
});
