import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { quoteGlob, quoteText, quoteWord, UnquotableWordError } from "../../src/collect/quote-word.ts";

const SHELLS = [["/bin/dash"], ["/bin/bash", "--norc"], ["/bin/busybox", "sh"]].filter(([path]) =>
  existsSync(path ?? ""),
);

const word = fc
  .oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(..."'\"\\$`!*?[]{}~#&|;<>() \t-=%é"), maxLength: 12 }),
  )
  .filter((text) => !/[\0\n]/.test(text));

for (const [shell = "", ...args] of SHELLS) {
  test(`any word comes back unchanged from ${shell}`, () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 50, maxLength: 200 }), (words) => {
        const script = `printf '%s\\n' ${words.map(quoteWord).join(" ")}\n`;
        const output = execFileSync(shell, [...args, "-s"], { input: script, encoding: "utf8" });
        assert.deepEqual(output.split("\n").slice(0, -1), words);
      }),
      { numRuns: 10 },
    );
  });
}

for (const [what, quote, bad] of [
  ["a word", quoteWord, "a\nb"],
  ["a word", quoteWord, "a\0b"],
  ["a pattern", quoteGlob, "/etc/*\n.conf"],
  ["text", quoteText, "a\0b"],
] as const) {
  test(`${what} with ${JSON.stringify(bad)} is refused, and the operator told what to correct`, () => {
    const refusal = {
      name: UnquotableWordError.name,
      code: "UNQUOTABLE_WORD",
      hint: "Correct the playbook or the configured name: words of a command are single lines.",
    };
    assert.throws(() => quote(bad), refusal);
  });
}

test("a refusal shows the first 80 characters of the word", () => {
  const word = `\n${"a".repeat(79)}`;
  assert.throws(() => quoteWord(`${word}b`), {
    message: `A word of a command holds a NUL or a newline: ${JSON.stringify(word)}.`,
  });
});

test("text may have lines, and is one word all the same", () => {
  assert.equal(quoteText("it's\n$(reboot)\n"), "'it'\\''s\n$(reboot)\n'");
});

test("of a glob only its pattern characters are alive", () => {
  assert.equal(quoteGlob("/etc/n gx/*.conf"), "'/etc/n gx/'*'.conf'");
  assert.equal(quoteGlob("*;*&[$]"), "*';'*'&'['$']");
  assert.equal(quoteGlob("/etc/$(reboot)/[ab]?"), "'/etc/$(reboot)/'['ab']?");
});
