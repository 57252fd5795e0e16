import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret } from "../../../src/collect/redact/secret.ts";
import { findWrapped } from "../../../src/collect/redact/wraps.ts";

/** Everything between brackets is secret. */
function bracketed(line: string): readonly Secret[] {
  return [...line.matchAll(/\[[^\]]*\]/g)].map(({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
    kind: "bracketed",
  }));
}

const found = (text: string) => findWrapped(text, bracketed).map(({ start, end }) => text.slice(start, end));
/** A full line of so many characters that ends so. */
const full = (width: number, end: string) => `${"x".repeat(width - end.length)}${end}`;

for (const width of [64, 72, 76, 80, 100, 120, 132]) {
  test(`a secret that is broken after ${width} characters is found on both lines`, () => {
    assert.deepEqual(found(`short\n${full(width, "[abc")}\ndef] end\nmore`), ["[abc", "def]"]);
  });
}

const WRAPPED: readonly (readonly [what: string, text: string, found: readonly string[]])[] = [
  ["over three lines", `${full(64, "[a")}\n${"b".repeat(64)}\nc] d`, ["[a", "b".repeat(64), "c]"]],
  ["on the second and third line", `${full(64, "a")}\n${full(64, "[b").replace("x", "y")}\nc]`, ["[b", "c]"]],
  ["on the last line of the text", `${full(64, "[a")}\nb]`, ["[a", "b]"]],
  ["up to the end of a full line", `${full(64, "[a")}\n${"b".repeat(63)}]\nc`, ["[a", `${"b".repeat(63)}]`]],
  ["of the second of two texts", `${full(64, "[a")}\nb]\n${full(64, "[c")}\nd]`, ["[a", "b]", "[c", "d]"]],
  ["at another width", `${full(65, "[a")}\nb]`, []],
  ["on the first line alone", `${full(64, "[a]")}\nb`, []],
  ["on the last line alone", `${full(64, "a")}\n[b]`, []],
  ["before an empty line", `${full(64, "[a")}\n\nb]`, []],
  ["before a longer line", `${full(64, "[a")}\nb]${"c".repeat(70)}`, []],
  ["before a line that begins alike", `${full(64, "[a")}\nxxxb]`, []],
  ["before a line that begins nearly alike", `${full(64, "[a")}\nxxb]`, ["[a", "xxb]"]],
  ["before a date", `${full(64, "[a")}\n2026-11-20 b]`, []],
  ["before a date with slashes", `${full(64, "[a")}\n2026/11/20 b]`, []],
  ["before a date in quotes", `${full(64, "[a")}\n"2026-11-20 b]`, []],
  ["before a date of syslog", `${full(64, "[a")}\nNov 20 12:00 b]`, []],
  ["before an early date of syslog", `${full(64, "[a")}\nNov  2 12:00 b]`, []],
  ["before nearly a date", `${full(64, "[a")}\n2026-1 b]`, ["[a", "2026-1 b]"]],
  ["before a date further on", `${full(64, "[a")}\na 2026-11-20 b]`, ["[a", "a 2026-11-20 b]"]],
  ["before another date further on", `${full(64, "[a")}\na Nov 20 b]`, ["[a", "a Nov 20 b]"]],
  ["before one more property", `Name=${full(59, "[a")}\nOther=b]`, []],
  ["before one more short property", `N=${full(62, "[a")}\nO=b]`, []],
  ["before one more field", `Name: ${full(58, "[a")}\nother.x-y: b]`, []],
  ["before what only looks like a property", `Name=${full(59, "[a")}\nb==]`, ["[a", "b==]"]],
  ["before a name further on", `Name=${full(59, "[a")}\n Other=b]`, ["[a", " Other=b]"]],
  ["of a property", `Name=${full(59, "[a")}\nb] c`, ["[a", "b]"]],
  ["of what is no property", `${full(64, "[a")}\nOther=b]`, ["[a", "Other=b]"]],
  ["of a name that is too long", `${full(63, "[a")}=\nOther=b]`.replace("[a=", "[a-"), ["[a-", "Other=b]"]],
];
for (const [what, text, expected] of WRAPPED) {
  test(`${expected.length > 0 ? "found" : "not looked for"}: what is broken ${what}`, () => {
    assert.deepEqual(found(text), expected);
  });
}

test("a broken secret keeps its kind", () => {
  assert.deepEqual(
    findWrapped(`${full(64, "[a")}\nb]`, bracketed).map(({ kind }) => kind),
    ["bracketed", "bracketed"],
  );
});
