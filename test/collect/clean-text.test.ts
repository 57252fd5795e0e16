import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cleanText } from "../../src/collect/clean-text.ts";

const clean = (text: string | Buffer) => cleanText(Buffer.from(text), { maxLineLength: 4096 });

const CASES: readonly (readonly [what: string, from: string | Buffer, to: string])[] = [
  ["colours", "\u001b[1;31mred\u001b[0m", "red"],
  ["a title (OSC, bell)", "a\u001b]0;title\u0007b", "ab"],
  ["a link (OSC 8)", "\u001b]8;;http://evil/\u001b\\text\u001b]8;;\u001b\\", "text"],
  ["a clipboard write (OSC 52)", "x\u001b]52;c;ZXZpbA==\u0007y", "xy"],
  ["a device string (DCS)", "a\u001bPq#0;2\u001b\\b", "ab"],
  ["8-bit sequences", "a\u009b31mb\u009dtitle\u009cc", "abc"],
  ["a charset switch", "a\u001b(0b", "ab"],
  ["an unfinished sequence, within its line", "a\u001b]0;evil\nb", "a\nb"],
  ["a key split by a colour", "AKIA\u001b[31mIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"],
  ["overwriting by carriage return", "good\rbad", "goodbad"],
  ["Windows line ends", "a\r\nb\r\n", "a\nb\n"],
  ["bells, backspaces, NUL, DEL", "a\u0007b\u0008c\u0000d\u007f", "abcd"],
  ["bidi overrides", "user\u202etxt.exe\u2066x\u2069", "usertxt.exex"],
  ["zero-width and byte-order marks", "a\u200bb\u2060c\ufeffd", "abcd"],
  ["soft hyphens, joiners and fillers", "a\u00adb\u034fc\u061cd\u3164e\uffa0f\u180eg", "abcdefg"],
  ["tag characters and variation selectors", "a\u{e0041}b\ufe0fc\u{e0101}", "abc"],
  ["bytes that are no UTF-8", Buffer.from([0x61, 0xff, 0x62]), "a\ufffdb"],
];

for (const [what, from, to] of CASES) {
  test(`a host cannot smuggle in ${what}`, () => assert.equal(clean(from), to));
}

test("ordinary text, umlauts and tabs stay as they are", () => {
  const text = "Größe\t日本語 → ok\n";
  assert.equal(clean(text), text);
});

test("a line is cut at its limit, the others stay", () => {
  assert.equal(cleanText(Buffer.from("ab cdef\nxy"), { maxLineLength: 5 }), "ab […]\nxy");
});

test("the word that a cut goes through is left out, however long it is: half a secret is not known for one", () => {
  const long = "x".repeat(3000);
  assert.equal(cleanText(Buffer.from(`a ${long}`), { maxLineLength: 500 }), "a […]");
  assert.equal(cleanText(Buffer.from(long), { maxLineLength: 1500 }), `${"x".repeat(476)}[…]`);
});

test("nothing but printable text, newline and tab comes out of any bytes", () => {
  const pieces = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      "\u001b[",
      "\u001b]8;;",
      "\u009b",
      "\u0007",
      "\u001b\\",
      "\u202e",
      "\u{e0020}",
      "31m",
      ";",
    ),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const text = clean(parts.join(""));
      assert.doesNotMatch(text, /[^\P{Cc}\n\t]/u);
      assert.doesNotMatch(
        text,
        /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u,
      );
    }),
    { numRuns: 1000 },
  );
});
