import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { deliveryKey } from "../../../src/intake/alerts/delivery-key.ts";
import { shippedMapping } from "./shipped-mapping.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const NOW = 1_795_000_020_000;
const MINUTE = NOW / 60_000;
const ALERT = { source: "m", status: "firing", fingerprint: "f", candidates: [], title: "t" } as const;
const BOTH = { header: "x-delivery", field: "id" };

/** What each delivery is known by; the body's bytes are `body`. */
for (const [fact, parts, key] of [
  [
    "the sender's header names it, before the body does",
    { delivery: BOTH, header: "h1", body: { id: "b1" } },
    sha256("id h1"),
  ],
  [
    "the body names it where the header is empty",
    { delivery: BOTH, header: "", body: { id: "b1" } },
    sha256("id b1"),
  ],
  ["a number names it too", { delivery: { field: "id" }, body: { id: 7 } }, sha256("id 7")],
  ["a header no mapping speaks of names nothing", { header: "h1", startedAt: "t" }, sha256("body")],
  [
    "a list or nothing at all is no name",
    { delivery: BOTH, body: { id: ["b1"] }, startedAt: "t" },
    sha256("body"),
  ],
  [
    "with a time in it the bytes are the name, whatever was signed",
    { startedAt: "t", signedAt: "5" },
    sha256("body"),
  ],
  ["without one the signed time tells two apart", { signedAt: "5" }, `${sha256("body")}@5`],
  ["else the minute does, from its first moment", {}, `${sha256("body")}@${MINUTE}`],
  ["to its last", { now: NOW + 59_999 }, `${sha256("body")}@${MINUTE}`],
  ["and the next is another", { now: NOW + 60_000 }, `${sha256("body")}@${MINUTE + 1}`],
] as readonly (readonly [string, Parts, string])[]) {
  test(`a delivery's name: ${fact}`, () => {
    const { delivery = {}, header, body, startedAt, signedAt, now = NOW } = parts;
    const given = deliveryKey(
      { ...shippedMapping("alertmanager"), delivery },
      {
        headers: new Headers(header === undefined ? {} : { "x-delivery": header }),
        rawBody: Buffer.from("body"),
        body,
        alerts: [ALERT, { ...ALERT, ...(startedAt === undefined ? {} : { startedAt }) }],
        signedAt,
        now,
      },
    );
    assert.equal(given, key);
  });
}

interface Parts {
  readonly delivery?: { readonly header?: string; readonly field?: string };
  readonly header?: string;
  readonly body?: unknown;
  readonly startedAt?: string;
  readonly signedAt?: string;
  readonly now?: number;
}
