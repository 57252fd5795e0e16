import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isSigned, parsePublicKey } from "../../../src/chat/discord/verify-signature.ts";

const NOW = 1_795_000_000_000;
const SECONDS = NOW / 1000;

function makeKey(): { readonly key: KeyObject; readonly privateKey: KeyObject; readonly hex: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const hex = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
  const key = parsePublicKey(hex);
  assert.ok(key);
  return { key, privateKey, hex };
}

const { key, privateKey, hex } = makeKey();
const stranger = makeKey();
const BODY = Buffer.from('{"type":3,"id":"1","token":"t"}');
const STAMP = String(SECONDS);
const SIGNATURE = sign(null, Buffer.concat([Buffer.from(STAMP), BODY]), privateKey).toString("hex");

test("what Discord signed is accepted, in capitals too", () => {
  for (const signature of [SIGNATURE, SIGNATURE.toUpperCase()]) {
    assert.ok(isSigned({ body: BODY, signature, timestamp: STAMP }, { key, now: NOW }));
  }
});

test("a signature is good for five minutes before and after its moment", () => {
  for (const [offsetMs, expected] of [
    [300_000, true],
    [-300_000, true],
    [301_000, false],
    [-301_000, false],
  ] as const) {
    assert.equal(
      isSigned({ body: BODY, signature: SIGNATURE, timestamp: STAMP }, { key, now: NOW + offsetMs }),
      expected,
    );
  }
});

/** A moment in its digits alone, whoever signed it, at that very moment. */
for (const [what, timestamp, isTaken] of [
  ["of one digit", "5", true],
  ["of twelve", "123456789012", true],
  ["with a sign", `+${STAMP}`, false],
  ["with a blank", ` ${STAMP}`, false],
  ["with a fraction", `${STAMP}.0`, false],
] as const) {
  test(`a moment ${what} is ${isTaken ? "taken" : "refused"}, however well it is signed`, () => {
    const signature = sign(null, Buffer.concat([Buffer.from(timestamp), BODY]), privateKey).toString("hex");
    assert.equal(
      isSigned({ body: BODY, signature, timestamp }, { key, now: Number(timestamp) * 1000 }),
      isTaken,
    );
  });
}

/** One way to tamper with a signed request; `n` chooses where. */
type Tampering = (n: number) => {
  body?: Buffer;
  signature?: string;
  timestamp?: string;
  key?: KeyObject;
  now?: number;
};

const flip = (bytes: Buffer, bit: number): Buffer => {
  const flipped = Buffer.from(bytes);
  const at = (bit >> 3) % flipped.length;
  flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (bit & 7)), at);
  return flipped;
};
const raw = Buffer.from(SIGNATURE, "hex");

const OTHERS = Array.from({ length: 8 }, () => makeKey().privateKey);

/** One character of the JSON's strings said by its number. */
function escapedAnew(n: number): string {
  const letters = [...`${BODY}`.matchAll(/[a-z]/g)];
  const { index: at, 0: letter } = letters[n % letters.length] ?? assert.fail("no letter");
  const code = letter.charCodeAt(0).toString(16).padStart(4, "0");
  return `${`${BODY}`.slice(0, at)}\\u${code}${`${BODY}`.slice(at + 1)}`;
}

const TAMPERINGS: readonly Tampering[] = [
  (n) => ({ body: flip(BODY, n) }),
  (n) => ({ signature: flip(raw, n).toString("hex") }),
  (n) => ({ body: BODY.subarray(0, n % BODY.length) }),
  (n) => ({ body: Buffer.concat([BODY, Buffer.from([n & 255])]) }),
  (n) => ({ signature: SIGNATURE.slice(0, n % SIGNATURE.length) }),
  (n) => ({ signature: SIGNATURE + "0".repeat(1 + (n % 8)) }),
  (n) => ({ timestamp: String(SECONDS + 1 + (n % 299)) }),
  (n) => ({ timestamp: `${" ".repeat(n % 2)}0${STAMP}` }),
  // what moves from the timestamp to the body signs the same bytes
  (n) => {
    const cut = 1 + (n % (STAMP.length - 1));
    return { timestamp: STAMP.slice(0, -cut), body: Buffer.concat([Buffer.from(STAMP.slice(-cut)), BODY]) };
  },
  (n) => ({ key: stranger.key, body: flip(BODY, n) }),
  () => ({ key: stranger.key }),
  (n) => ({
    signature: sign(
      null,
      Buffer.concat([Buffer.from(STAMP), BODY]),
      OTHERS[n % 8] ?? stranger.privateKey,
    ).toString("hex"),
  }),
  // the same JSON in other bytes
  (n) => ({ body: Buffer.from(JSON.stringify(JSON.parse(`${BODY}`), null, 1 + (n % 10))) }),
  (n) => ({ body: Buffer.from(escapedAnew(n)) }),
  // the very same request again, seconds to months after its time, or before it
  (n) => ({ now: NOW + 301_000 + n }),
  (n) => ({ now: NOW - 301_000 - n }),
  (n) => ({
    signature: ["", "zz", "0".repeat(128), "f".repeat(128), `${SIGNATURE.slice(0, 127)}g`][n % 5] ?? "",
  }),
];

test("no change of body, signature, timestamp or key is accepted, nor the same request at another time", () => {
  fc.assert(
    fc.property(fc.constantFrom(...TAMPERINGS), fc.nat(), (tamper, n) => {
      const { key: other = key, now = NOW, ...changed } = tamper(n);
      const request = { body: BODY, signature: SIGNATURE, timestamp: STAMP, ...changed };
      assert.ok(!isSigned(request, { key: other, now }));
    }),
    { numRuns: 100_000 },
  );
});

test("a public key is 64 hex digits, large or small", () => {
  assert.ok(parsePublicKey(hex.toUpperCase())?.equals(key));
  for (const wrong of ["", hex.slice(1), `${hex}0`, `${hex.slice(1)}g`, ` ${hex.slice(1)}`]) {
    assert.equal(parsePublicKey(wrong), undefined);
  }
});
