import { createHmac, randomBytes, randomInt } from "node:crypto";
import { createAlertReceiver } from "../../src/intake/alerts/alert-receiver.ts";
import type { AlertSource } from "../../src/intake/alerts/alert-source.ts";
import { loadAlertMapping } from "../../src/intake/alerts/load-alert-mapping.ts";
import { headerProof } from "../../src/intake/alerts/prove-sender.ts";
import { renderTable } from "../render-table.ts";
import { median } from "../statistics.ts";
import { compareRanks } from "./compare-ranks.ts";

/**
 * T02: does the time until “401” tell where a guess at a secret is wrong? Guesses whose first and whose last character is wrong, in turns of
 * random order, through the whole alert intake behind the network, so that nothing of the network can hide a difference. The number of tries
 * is fixed, and so is what counts as a difference. A third pair shows that this would be seen: the same, behind a comparison that stops at
 * the first wrong character.
 */
const TRIES = 10_000;
const WARM_UP = 3000;
/** Of a rank test, two-sided: below it the two are told apart. */
const LEVEL = 0.01;

const BODY = Buffer.from(JSON.stringify({ status: "firing", alerts: [] }));
const HEX = "0123456789abcdef";

interface Case {
  readonly name: string;
  /** What is guessed at. */
  readonly secret: string;
  readonly send: (guess: string) => Promise<{ readonly status: number }>;
}

const mapping = await loadAlertMapping("generic", {
  place: "bench",
  shipped: `${import.meta.dirname}/../../intake`,
});
const [token, key] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
if (mapping.hmac === undefined) throw new TypeError("generic senders do not sign");
const timestamp = String(Math.floor(Date.now() / 1000));
const scheme = mapping.hmac;
const signed = scheme.timestamp === undefined ? "" : `${timestamp}${scheme.timestamp.between}`;
const signature = createHmac("sha256", key).update(signed).update(BODY).digest("hex");
const sources: readonly AlertSource[] = [
  { name: "token", mapping, proof: headerProof("authorization", `Bearer ${token}`) },
  { name: "signed", mapping, proof: { kind: "hmac", key, scheme } },
];
const receiver = createAlertReceiver({
  sources,
  sites: [],
  inbox: { store: () => Promise.reject(new Error("a guess was taken")) },
  clean: (text) => text,
  wake: () => undefined,
  now: Date.now,
  log: { info: () => undefined, warn: () => undefined },
});
const post = (source: string, headers: Readonly<Record<string, string>>) =>
  receiver.handle({ source, method: "POST", headers: new Headers(headers), rawBody: BODY });

const CASES: readonly Case[] = [
  {
    name: "token",
    secret: token,
    send: (guess) => post("token", { authorization: `Bearer ${guess}` }),
  },
  {
    name: "signature of the body",
    secret: signature,
    send: (guess) =>
      post("signed", {
        [scheme.header]: `${scheme.prefix}${guess}`,
        ...(scheme.timestamp === undefined ? {} : { [scheme.timestamp.header]: timestamp }),
      }),
  },
  {
    name: "control: a comparison that stops early",
    secret: token,
    send: (guess) => {
      stopsEarly(guess, token);
      return post("token", { authorization: `Bearer ${guess}` });
    },
  },
];

function stopsEarly(guess: string, secret: string): boolean {
  for (let index = 0; index < secret.length; index++) if (guess[index] !== secret[index]) return false;
  return true;
}

/** Another character each time: the same text twice would be remembered by whoever hashes it. */
function wrongAt(index: number, secret: string): string {
  const right = HEX.indexOf(secret[index] ?? "");
  const wrong = HEX[(right + 1 + randomInt(HEX.length - 1)) % HEX.length] ?? "";
  return `${secret.slice(0, index)}${wrong}${secret.slice(index + 1)}`;
}

async function timeOf({ send }: Case, guess: string): Promise<number> {
  const startedAt = process.hrtime.bigint();
  const { status } = await send(guess);
  const ns = Number(process.hrtime.bigint() - startedAt);
  if (status !== 401) throw new Error(`a wrong secret was answered ${status}`);
  return ns;
}

async function measure(one: Case): Promise<readonly string[]> {
  const first: number[] = [];
  const last: number[] = [];
  const places = [
    { at: 0, into: first },
    { at: one.secret.length - 1, into: last },
  ];
  for (let round = -WARM_UP; round < TRIES; round++) {
    const turned = randomInt(2) === 0 ? places : places.toReversed();
    for (const { at, into } of turned) {
      const ns = await timeOf(one, wrongAt(at, one.secret));
      if (round >= 0) into.push(ns);
    }
  }
  const { p, share } = compareRanks(first, last);
  return [
    one.name,
    String(TRIES),
    `${(median(first) / 1000).toFixed(2)} µs`,
    `${(median(last) / 1000).toFixed(2)} µs`,
    `${(share * 100).toFixed(1)} %`,
    p < 0.0001 ? "< 0.0001" : p.toFixed(4),
    p < LEVEL ? "told apart" : "not told apart",
  ];
}

const rows: (readonly string[])[] = [
  ["guess at", "n each", "first wrong", "last wrong", "last slower", "p", ""],
];
for (const one of CASES) rows.push(await measure(one));
process.stdout.write(renderTable(rows));
