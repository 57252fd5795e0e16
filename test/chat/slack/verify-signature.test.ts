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
): boolean {
  return isSigned({ body, signature, timestamp }, { secrets, now: NOW });
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

const WRONG: readonly (readonly [string, string, string])[] = [
  ["five minutes and a second old", sign(BODY, String(NOW / 1000 - 301)), String(NOW / 1000 - 301)],
  ["five minutes and a second ahead", sign(BODY, String(NOW / 1000 + 301)), String(NOW / 1000 + 301)],
  ["the moment is another one", sign(BODY), String(NOW / 1000 - 1)],
  ["no signature", "", TIMESTAMP],
  ["no moment", sign(BODY), ""],
  ["a moment that is no number", sign(BODY, "NaN"), "NaN"],
  ["a moment with a sign", sign(BODY, "+1795144320"), "+1795144320"],
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

test(`${FORGERIES} requests with one thing changed are all refused`, () => {
  const signature = sign(BODY);
  let taken = 0;
  const random = randomBytes(FORGERIES * 4);
  for (let n = 0; n < FORGERIES; n++) {
    const place = random.readUInt16LE(n * 4);
    const change = (random[n * 4 + 2] ?? 0) % 255;
    if (forge(n % 5, place, change + 1, signature)) taken += 1;
  }
  assert.equal(taken, 0);
});

/** One forgery: a bit of the body, its length, a digit of the signature, the moment, or bytes that mean the same. */
function forge(kind: number, place: number, change: number, signature: string): boolean {
  const body = Buffer.from(BODY);
  const at = place % body.length;
  switch (kind) {
    case 0:
      body[at] = (body[at] ?? 0) ^ change;
      return isTaken(body, signature);
    case 1:
      return isTaken(body.subarray(0, at), signature);
    case 2: {
      const digit = 3 + (place % 64);
      const other = ((Number.parseInt(signature.charAt(digit), 16) + 1 + (change % 15)) % 16).toString(16);
      return isTaken(body, signature.slice(0, digit) + other + signature.slice(digit + 1));
    }
    case 3:
      return isTaken(body, signature, String(NOW / 1000 - 1 - (place % 600)));
    default:
      return isTaken(Buffer.concat([body, Buffer.from(`&x=${place}`)]), signature);
  }
}
