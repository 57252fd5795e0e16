import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ALPHANUMERIC,
  BASE64,
  BLANK,
  beforeOnLine,
  charsOf,
  DOTTED_TOKEN,
  endBefore,
  endOfLine,
  endOfRun,
  insideOfList,
  outsideOf,
  positionsOf,
  startOfRun,
  TOKEN,
  WORD,
} from "../../../src/collect/redact/secret.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const ALPHABETS = { ALPHANUMERIC, WORD, TOKEN, DOTTED_TOKEN, BASE64, BLANK };
const MEMBERS: Readonly<Record<keyof typeof ALPHABETS, string>> = {
  ALPHANUMERIC: LETTERS,
  WORD: `${LETTERS}_`,
  TOKEN: `${LETTERS}_-`,
  DOTTED_TOKEN: `${LETTERS}_-.`,
  BASE64: `${LETTERS}+/=_-`,
  BLANK: " \t",
};
for (const [name, members] of Object.entries(MEMBERS)) {
  test(`${name} holds its characters and no others`, () => {
    const chars = ALPHABETS[name as keyof typeof ALPHABETS];
    const held = Array.from(chars.keys()).filter((code) => chars[code] === 1);
    assert.deepEqual(String.fromCharCode(...held), [...members].toSorted().join(""));
  });
}

const AB = charsOf("ab");

test("a run ends at another character, at the end of the text, or where it has been long enough", () => {
  assert.equal(endOfRun("xabac", 1, AB), 4);
  assert.equal(endOfRun("xaba", 1, AB), 4);
  assert.equal(endOfRun("xaba", 1, AB, 2), 3);
  assert.equal(endOfRun("xaba", 0, AB), 0);
  assert.equal(endOfRun("aé", 0, AB), 1);
});

test("what ends before certain characters may hold any others", () => {
  assert.equal(endBefore("xéyb", 0, AB), 3);
  assert.equal(endBefore("xéy", 1, AB), 3);
  assert.equal(endBefore("xay", 1, AB), 1);
});

test("a run starts behind another character, at the start of the text, or not too far back", () => {
  assert.equal(startOfRun("xabac", 4, AB), 1);
  assert.equal(startOfRun("abac", 3, AB), 0);
  assert.equal(startOfRun("xabac", 4, AB, 2), 2);
  assert.equal(startOfRun("xabac", 5, AB), 5);
  assert.equal(startOfRun("a".repeat(200), 150, AB), 50);
});

test("a line ends at its newline or with the text", () => {
  assert.equal(endOfLine("ab\nc\nd", 0), 2);
  assert.equal(endOfLine("ab\nc\nd", 2), 2);
  assert.equal(endOfLine("ab\nc\nd", 3), 4);
  assert.equal(endOfLine("ab\nc\nd", 5), 6);
});

test("what stands before a place on its line is at most 300 characters of it", () => {
  assert.equal(beforeOnLine("ab\ncd", 5), "cd");
  assert.equal(beforeOnLine("a\nb\ncd", 4), "");
  assert.equal(beforeOnLine("ab", 1), "a");
  assert.equal(beforeOnLine(`${"x".repeat(400)}y`, 401), `${"x".repeat(299)}y`);
});

test("a literal is found at each of its places, none within another", () => {
  assert.deepEqual([...positionsOf("aaxaaa", "aa")], [0, 3]);
  assert.deepEqual([...positionsOf("bc", "a")], []);
});

test("what starts within the last thing found is left out", () => {
  const found = [
    { start: 0, end: 2, kind: "x" },
    { start: 3, end: 6, kind: "x" },
  ];
  assert.deepEqual([...outsideOf([1, 5, 6, 7], found)], [6, 7]);
  assert.deepEqual([...outsideOf([0], [])], [0]);
});

const LISTS = [
  `x = ["«a»"] y`,
  `x = ["«a", "b»"], ["c"]`,
  `x = ['«a", "b»' ] y`,
  `x = ["«a']»"]`,
  `x = ["«a»" ]" ] b"]`,
  `x = ["«a»\ny"]`,
  `x = ["«»"]`,
  "x = [a]",
  `x = ("a")`,
];
for (const list of LISTS) {
  test(`of a list all within its quotes is one: ${JSON.stringify(list)}`, () => {
    const text = list.replaceAll(/[«»]/g, "");
    const bounds = insideOfList(text, 4);
    const marked =
      bounds === undefined
        ? text
        : `${text.slice(0, bounds.start)}«${text.slice(bounds.start, bounds.end)}»${text.slice(bounds.end)}`;
    assert.equal(marked, list);
  });
}
