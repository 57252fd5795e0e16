import assert from "node:assert/strict";
import { test } from "node:test";
import { findStatusCode } from "../../../src/intake/alerts/find-status-code.ts";

const TEXTS: readonly (readonly [string, number | undefined])[] = [
  ["HTTP Error 503", 503],
  ["Error 500 on shop", 500],
  ["Status: 502", 502],
  ["502 - Bad Gateway", 502],
  ["Request failed with status code 504", 504],
  ["HTTP/1.1 502 Bad Gateway", 502],
  ["statusCode=521", 521],
  ["shop answered 502.", 502],
  ["shop answers 502", 502],
  ["code 200, then code 502", 502],
  ["502 requests in 5 minutes", undefined],
  ["error rate is 502.7", undefined],
  ["error 5021", undefined],
  ["10.0.0.502 status unknown", undefined],
  ["connect ECONNREFUSED 192.0.2.1:500", undefined],
  ["", undefined],
];

for (const [text, code] of TEXTS) {
  test(`${JSON.stringify(text)} speaks of ${code ?? "no status"}`, () => {
    assert.equal(findStatusCode(text), code);
  });
}
