import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { quoteGlob, quoteWord, UnquotableWordError } from "../../src/collect/quote-word.ts";

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

for (const bad of ["a\nb", "a\0b"]) {
  test(`a word with ${JSON.stringify(bad[1])} is refused`, () => {
    assert.throws(() => quoteWord(bad), UnquotableWordError);
  });
}

test("of a glob only its pattern characters are alive", () => {
  assert.equal(quoteGlob("/etc/n gx/*.conf"), "'/etc/n gx/'*'.conf'");
  assert.equal(quoteGlob("/etc/$(reboot)/[ab]?"), "'/etc/$(reboot)/'['ab']?");
});
