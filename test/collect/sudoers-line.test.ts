import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { checkSudoers } from "../../src/cli/check-sudoers.ts";
import { makeSudoersLine } from "../../src/collect/sudoers-line.ts";

const MAY = "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/cat";
const skip = existsSync("/usr/sbin/visudo") ? false : "SKIPPED: there is no visudo here";

/** What each sign of a word is written as: itself unless told. Tried with sudo 1.9.13: the line allows the word, and no other. */
const WRITTEN: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...",:=* ?[]#"].map((sign) => [sign, `\\${sign}`])),
  "\\": "\\\\\\\\",
};

for (const sign of "\\,:=* ?[]#!\"'()<>$&;|~@%{}`/-_.") {
  const word = `${sign}a${sign}${sign}b`;
  test(`${JSON.stringify(sign)} in a word is that sign, wherever it stands and however often`, () => {
    const written = WRITTEN[sign] ?? sign;
    const line = makeSudoersLine("diag", ["/usr/bin/cat", word, "x"]);
    assert.equal(line, `${MAY} ${written}a${written}${written}b x`);
  });
  test(`visudo takes a line with ${JSON.stringify(sign)}`, { skip }, async () => {
    assert.equal(await checkSudoers(`${makeSudoersLine("diag", ["/usr/bin/cat", word])}\n`), undefined);
  });
}

test("a program without words may be given none", () => {
  assert.equal(makeSudoersLine("diag", ["/usr/bin/id"]), 'diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/id ""');
});

test("visudo takes a line with a program alone", { skip }, async () => {
  assert.equal(await checkSudoers(`${makeSudoersLine("diag", ["/usr/bin/id"])}\n`), undefined);
});

test("visudo takes a line with all of a playbook's longest script", { skip }, async () => {
  const script =
    'for (@ARGV) { next unless -S; my $s = X::Y->new(Peer => $_) or die "connect to $_: $!\\n"; }';
  assert.equal(
    await checkSudoers(`${makeSudoersLine("diag", ["/usr/bin/perl", "-e", script])}\n`),
    undefined,
  );
});
