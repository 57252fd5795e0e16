import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { headerProof, isProven, NO_PROOF, signedTime } from "../../../src/intake/alerts/prove-sender.ts";

const NOW = 1_795_000_000_000;
const SECONDS = NOW / 1000;
const BODY = Buffer.from('{"status":"firing"}');
const TIME = { header: "x-time", between: ":", required: true };
const SCHEME = { header: "x-signature", prefix: "sha256=" };

function request(headers: Readonly<Record<string, string>>, now = NOW) {
  return { headers: new Headers(headers), rawBody: BODY, now };
}

function sign(text: string, key = "secret"): string {
  return `sha256=${createHmac("sha256", key).update(text).digest("hex")}`;
}

test("a header proves the sender by its whole value alone; nobody proves an unknown source", () => {
  const proof = headerProof("x-token", "secret");
  assert.deepEqual([proof.kind, isProven(proof, request({ "x-token": "secret" }))], ["header", true]);
  for (const headers of [{ "x-token": "secre" }, { "x-token": "" }, { "x-other": "secret" }, {}]) {
    assert.equal(isProven(proof, request(headers)), false);
  }
  assert.equal(isProven(headerProof("x-token", ""), request({})), true);
  for (const headers of [{ authorization: "" }, {}])
    assert.equal(isProven(NO_PROOF, request(headers)), false);
  assert.equal(signedTime(proof, new Headers({ "x-time": "5" })), undefined);
});

test("a signature without a time is over the body alone", () => {
  const proof = { kind: "hmac", key: "secret", scheme: SCHEME } as const;
  assert.equal(isProven(proof, request({ "x-signature": sign(`${BODY}`) })), true);
  for (const signature of [sign(`${BODY} `), sign(`${BODY}`, "other"), sign(`${BODY}`).slice(7), ""]) {
    assert.equal(isProven(proof, request({ "x-signature": signature })), false);
  }
  assert.equal(isProven(proof, request({})), false);
  assert.equal(signedTime(proof, new Headers({ "x-time": "5" })), undefined);
});

for (const [what, time, now, isTaken] of [
  ["of this moment", `${SECONDS}`, NOW, true],
  ["five minutes old", `${SECONDS - 300}`, NOW, true],
  ["older", `${SECONDS - 301}`, NOW, false],
  ["five minutes ahead", `${SECONDS + 300}`, NOW, true],
  ["further ahead", `${SECONDS + 301}`, NOW, false],
  ["of one digit", "5", 5000, true],
  ["of twelve digits", "123456789012", 123_456_789_012_000, true],
  ["with a sign", `+${SECONDS}`, NOW, false],
  ["with a fraction", `${SECONDS}.0`, NOW, false],
] as const) {
  test(`a signature with a time ${what} is ${isTaken ? "taken" : "refused"}`, () => {
    const proof = { kind: "hmac", key: "secret", scheme: { ...SCHEME, timestamp: TIME } } as const;
    const headers = { "x-time": time, "x-signature": sign(`${time}:${BODY}`) };
    assert.equal(isProven(proof, request(headers, now)), isTaken);
    assert.equal(signedTime(proof, new Headers(headers)), time);
    assert.equal(isProven(proof, request({ ...headers, "x-signature": sign(`${BODY}`) }, now)), false);
  });
}

test("a signature that lacks its time is refused where the sender always signs one, and only there", () => {
  for (const required of [true, false]) {
    const scheme = { ...SCHEME, timestamp: { ...TIME, required } };
    const proof = { kind: "hmac", key: "secret", scheme } as const;
    assert.equal(isProven(proof, request({ "x-signature": sign(`${BODY}`) })), !required);
    assert.equal(signedTime(proof, new Headers()), undefined);
  }
});
