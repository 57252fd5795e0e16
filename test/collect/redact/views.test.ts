import assert from "node:assert/strict";
import { test } from "node:test";
import { viewsOf } from "../../../src/collect/redact/views.ts";

const VIEWS: readonly (readonly [text: string, ...views: readonly string[]])[] = [
  ["plain % text & \\ more", "plain % text & \\ more"],
  ["a%20b%2Fc%2f", "a%20b%2Fc%2f", "a b/c/"],
  ["a%253Db", "a%253Db", "a%3Db", "a=b"],
  ["a%25253Db", "a%25253Db", "a%253Db", "a%3Db"],
  ["%2G %2", "%2G %2"],
  [String.raw`a\x41\x2c\u0042\x4`, String.raw`a\x41\x2c\u0042\x4`, String.raw`aA,B\x4`],
  [String.raw`\u00e9\u004`, String.raw`\u00e9\u004`, String.raw`é\u004`],
  [String.raw`\"a\' \/ \n\r\t\\"`, String.raw`\"a\' \/ \n\r\t\\"`, String.raw`"a' /    \"`, `"a' /    "`],
  [String.raw`\q`, String.raw`\q`],
  ["&#39;&#x41;&#X41;&#065;", "&#39;&#x41;&#X41;&#065;", "'A&#X41;A"],
  ["&quot;&apos;&lt;&gt;&amp;", "&quot;&apos;&lt;&gt;&amp;", "\"'<>&"],
  ["&#1234;&#x123;&#;&nbsp;", "&#1234;&#x123;&#;&nbsp;"],
  ["&amp;quot;", "&amp;quot;", "&quot;", '"'],
  ["%0A%1f%20%00", "%0A%1f%20%00", "    "],
  ["%e9", "%e9", "é"],
];

for (const [text, ...views] of VIEWS) {
  test(`${JSON.stringify(text)} is read as ${JSON.stringify(views.at(-1))}`, () => {
    assert.deepEqual(
      viewsOf(text).map((view) => view.text),
      views,
    );
  });
}

test("each character of a view has its place in the text, and so has the end", () => {
  const text = "ab%2541c%20d";
  const origins = (view: { readonly text: string; readonly originOf: (index: number) => number }) =>
    Array.from({ length: view.text.length + 1 }, (_, index) => view.originOf(index));
  assert.deepEqual(viewsOf(text).map(origins), [
    [...text, ""].map((_, index) => index),
    [0, 1, 2, 5, 6, 7, 8, 11, 12],
    [0, 1, 2, 7, 8, 11, 12],
  ]);
});

test("lower case has the length of the text, also where a letter would become two", () => {
  for (const text of ["ABC", "İSTANBUL Password"]) {
    const [view] = viewsOf(text);
    assert.equal(view?.lower.length, text.length);
  }
  assert.equal(viewsOf("İA Password")[0]?.lower, "İa password");
  assert.equal(viewsOf("ÄPassword")[0]?.lower, "äpassword");
});
