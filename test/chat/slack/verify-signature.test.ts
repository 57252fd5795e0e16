import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { test } from "node:test";
import { isSigned } from "../../../src/chat/slack/verify-signature.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const NOW = Date.parse("2026-11-20T03:12:00Z");
const TIMESTAMP = String(NOW / 1000);
const FORGERIES = 100_000;

function sign(body: Buffer, timestamp = TIMESTAMP, secret = SECRET): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex")}`;
}

function isTaken(
  body: Buffer,
  signature: string,
  timestamp = TIMESTAMP,
  secrets: readonly string[] = [SECRET],
  now = NOW,
): boolean {
  return isSigned({ body, signature, timestamp }, { secrets, now });
}

const BODY = Buffer.from("team_id=T0TEAM&command=%2Fdiagnose502&text=shop&user_id=U0ANA");

test("what Slack signed within five minutes is taken, with the old and with the new secret", () => {
  assert.equal(isTaken(BODY, sign(BODY)), true);
  assert.equal(isTaken(BODY, sign(BODY), TIMESTAMP, ["the next secret", SECRET]), true);
  for (const seconds of [-300, -1, 0, 1, 300]) {
    const timestamp = String(NOW / 1000 + seconds);
    assert.equal(isTaken(BODY, sign(BODY, timestamp), timestamp), true, `${seconds} s`);
  }
});

test("a moment may have one digit or twelve", () => {
  for (const timestamp of ["5", "123456789012"]) {
    assert.equal(isTaken(BODY, sign(BODY, timestamp), timestamp, [SECRET], Number(timestamp) * 1000), true);
  }
});

const WRONG: readonly (readonly [string, string, string])[] = [
  ["five minutes and a second old", sign(BODY, String(NOW / 1000 - 301)), String(NOW / 1000 - 301)],
  ["five minutes and a second ahead", sign(BODY, String(NOW / 1000 + 301)), String(NOW / 1000 + 301)],
  ["the moment is another one", sign(BODY), String(NOW / 1000 - 1)],
  ["no signature", "", TIMESTAMP],
  ["no moment", sign(BODY), ""],
  ["a moment that is no number", sign(BODY, "NaN"), "NaN"],
  ["a moment with a sign", sign(BODY, "+1795144320"), "+1795144320"],
  ["a moment with a fraction", sign(BODY, `${TIMESTAMP}.0`), `${TIMESTAMP}.0`],
  ["an exponent", sign(BODY, "17e8"), "17e8"],
  ["another version", sign(BODY).replace("v0", "v1"), TIMESTAMP],
  ["capitals", sign(BODY).toUpperCase(), TIMESTAMP],
  ["half of it", sign(BODY).slice(0, 35), TIMESTAMP],
  ["more than it", `${sign(BODY)}00`, TIMESTAMP],
  ["two of them", `${sign(BODY)},${sign(BODY)}`, TIMESTAMP],
  ["another secret", sign(BODY, TIMESTAMP, "another"), TIMESTAMP],
  ["the empty secret", sign(BODY, TIMESTAMP, ""), TIMESTAMP],
];

for (const [what, signature, timestamp] of WRONG) {
  test(`a request is refused: ${what}`, () => {
    assert.equal(isTaken(BODY, signature, timestamp), false);
  });
}

test("no secret configured takes nothing, not even what the empty one signed", () => {
  assert.equal(isTaken(BODY, sign(BODY, TIMESTAMP, ""), TIMESTAMP, [""]), false);
  assert.equal(isTaken(BODY, sign(BODY), TIMESTAMP, []), false);
});

test(`${FORGERIES} requests with one thing changed, or sent again too late, are all refused`, () => {
  const signature = sign(BODY);
  const taken: string[] = [];
  const random = randomBytes(FORGERIES * 4);
  for (let n = 0; n < FORGERIES; n++) {
    const forge = FORGE[n % FORGE.length];
    const request = forge?.(random.readUInt16LE(n * 4), 1 + ((random[n * 4 + 2] ?? 0) % 255), signature);
    assert.ok(request);
    if (isForgeryTaken(request, signature)) taken.push(JSON.stringify(request));
  }
  assert.deepEqual(taken, []);
});

interface Forgery {
  readonly body?: Buffer;
  readonly signature?: string;
  readonly timestamp?: string;
  readonly secrets?: readonly string[];
  readonly now?: number;
}

/** One thing changed each: `place` and `change` choose what exactly. */
const FORGE: readonly ((place: number, change: number, signature: string) => Forgery)[] = [
  (place, change) => {
    const body = Buffer.from(BODY);
    const at = place % body.length;
    body[at] = (body[at] ?? 0) ^ change;
    return { body };
  },
  (place) => ({ body: BODY.subarray(0, place % BODY.length) }),
  (place) => ({ body: Buffer.concat([BODY, Buffer.from(`&x=${place}`)]) }),
  // bytes that mean the same to a form's reader
  (place) => ({ body: encodedAnew(place) }),
  (place, change, signature) => {
    const at = 3 + (place % 64);
    const digit = (Number.parseInt(signature.charAt(at), 16) + 1 + (change % 15)) % 16;
    return { signature: signature.slice(0, at) + digit.toString(16) + signature.slice(at + 1) };
  },
  (place, _change, signature) => ({ signature: signature.slice(0, place % signature.length) }),
  (place, change, signature) => ({
    signature: signature + String.fromCharCode(change).repeat(1 + (place % 9)),
  }),
  (place) => ({ timestamp: String(NOW / 1000 - 1 - (place % 600)) }),
  (place) => ({ timestamp: `${" ".repeat(place % 2)}0${TIMESTAMP}` }),
  (place, change) => ({ signature: sign(BODY, TIMESTAMP, `another secret ${place} ${change}`) }),
  (place, change) => ({ secrets: [`another secret ${place} ${change}`] }),
  // the very same request again, seconds to a month after its time, or before it
  (place, change) => ({ now: NOW + 301_000 + place * change * 100 }),
  (place, change) => ({ now: NOW - 301_000 - place * change * 100 }),
  (place, change) => ({ signature: `v0=${randomBytes(place % 70).toString("latin1")}${change}` }),
];

function encodedAnew(place: number): Buffer {
  const text = BODY.toString();
  const at = place % text.length;
  const code = (text.codePointAt(at) ?? 0).toString(16).padStart(2, "0");
  return Buffer.from(`${text.slice(0, at)}%${code}${text.slice(at + 1)}`);
}

function isForgeryTaken(forgery: Forgery, genuine: string): boolean {
  const { body = BODY, signature = genuine, timestamp = TIMESTAMP, secrets = [SECRET], now = NOW } = forgery;
  return isSigned({ body, signature, timestamp }, { secrets, now });
}
