import assert from "node:assert/strict";
import { test } from "node:test";
import { makeSudoers } from "../../../src/remediate/harden/make-sudoers.ts";

const HEAD = `# Made by \`diagnose502 harden\`: what diag may do as root, word for word.
Defaults:diag env_reset, !setenv, !requiretty, secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
`;
const MAY = "diag ALL=(root) NOPASSWD:NOSETENV:";

test("a login may run each look wherever distributions put its program, and the helper, which checks its words itself", () => {
  const looks = [["nginx", "-T"], ["dmesg"]];
  const allowed = ["/usr/sbin/nginx -T", "/usr/bin/nginx -T", "/usr/sbin/dmesg", "/usr/bin/dmesg"].map(
    (command) => `${MAY} ${command}\n`,
  );
  assert.equal(makeSudoers("diag", { looks, helper: false }), `${HEAD}${allowed.join("")}`);
  const helper = `${MAY} /usr/local/lib/diagnose502/restart\n`;
  assert.equal(makeSudoers("diag", { looks, helper: true }), `${HEAD}${helper}${allowed.join("")}`);
});

test("a login that may do nothing still gets a file that says so", () => {
  assert.equal(makeSudoers("diag", { looks: [], helper: false }), HEAD);
});

// sudoers(5): a word is a pattern, a list or a comment unless these are escaped
for (const sign of '\\,:=* ?[]!"#') {
  test(`${JSON.stringify(sign)} in a word is that sign, wherever it stands and however often`, () => {
    const [, line] = makeSudoers("diag", { looks: [["cat", `${sign}a${sign}${sign}b`]], helper: false })
      .slice(HEAD.length)
      .split("\n");
    assert.equal(line, `${MAY} /usr/bin/cat \\${sign}a\\${sign}\\${sign}b`);
  });
}
