import assert from "node:assert/strict";
import { test } from "node:test";
import { findEncoded } from "../../../src/collect/redact/encoded.ts";
import type { Searched } from "../../../src/collect/redact/secret.ts";
import { testFinder } from "./marked.ts";

const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");
const base64url = (text: string) => Buffer.from(text, "latin1").toString("base64url");
const found = (text: string) => `«encoded:${text}»`;
const SECRET = "password=hunter2";

testFinder(
  (searched) => findEncoded(searched, (decoded) => decoded.includes("hunter2")),
  [
    `data=${found(base64(SECRET))} end`,
    `data="${found(base64(`{"${SECRET}","host":"db1"}`))}"`,
    found(base64(SECRET)),
    `${"x ".repeat(5)}${found(base64(SECRET))} ${found(base64(`${SECRET}&a=1`))}`,
    ...[" ", "(", '"'].map((sign) => `${sign}${found(base64(`${SECRET}${sign}`))}${sign}`),
    found(base64("a\thunter2\nb\rc")),
    found(base64url("hunter2 ~~~??>>~~~")),
    found(base64("hunter2 ~~~??>>~~~")),
    found(base64("ort=M\u00fcnchen&hunter2")),
    found(base64(`hunter2 is \u00fc\u00fc\u00fc ok`)),
    `GET /data/${found(base64url("password=hunter2&x=1"))}/x`,
    `GET /0/${base64url("nothing in it but words")}/${found(base64url("password=hunter2&x=1"))}`,
    ...Array.from({ length: 17 }, (_, before) => `${" ".repeat(before)}${found(base64("ab hunter2 c"))} x`),
    `GET /x/${found(base64url("ab hunter2 c"))}/y`,
    // shorter than anything secret, other words, and what is no text
    base64("hunter2 ab"),
    `x y ${base64("hunter2 ab")}`,
    ...["\u0001ok", "o\u0001k", "ok\u0001"].map((end) => base64(`hunter2 and mor${end}`)),
    base64(`${"words and ".repeat(20)}hunter2\u0001`),
    base64(`${"\u0080".repeat(8)} hunter2 abc`),
    found(base64(`${"\u0080".repeat(6)} hunter2 abc`)),
    `${"x ".repeat(20)}${base64(`hunter2 and words ${"\u0080".repeat(10)}`)}`,
    base64("a picture of a cat, nothing else"),
    `/x/${base64("hunter2 a").slice(0, 15)}/y`,
    base64("\u0001hunter2 and more words"),
    base64("\u007fhunter2 and more words"),
    base64(`hunter2\u0000 and more words`),
    "x".repeat(40),
  ],
);

test("a word is decoded once, and however long only while it is text", () => {
  const decoded: string[] = [];
  const searched = (text: string): Searched => ({ text, lower: text.toLowerCase() });
  const remember = (text: string) => {
    decoded.push(text);
    return false;
  };
  findEncoded(
    searched(`${base64("so many words, ".repeat(20))} ${base64("others, 4 times 4 letters")}`),
    remember,
  );
  assert.deepEqual(decoded, ["so many words, ".repeat(20), "others, 4 times 4 letters"]);
});
