import assert from "node:assert/strict";
import { test } from "node:test";
import { makeSudoersLine } from "../../../src/collect/sudoers-line.ts";
import { makeSudoers } from "../../../src/remediate/harden/make-sudoers.ts";

const HEAD = `# Made by \`diagnose502 harden\`: what diag may do as root, word for word.
Defaults:diag env_reset, !setenv, secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
`;
const MAY = "diag ALL=(root) NOPASSWD:NOSETENV:";

test("a login may run each look wherever distributions put its program, and the helper, which checks its words itself", () => {
  const looks = [["nginx", "-T"], ["dmesg"]];
  const places = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  const allowed = ["nginx -T", 'dmesg ""'].flatMap((command) =>
    places.map((place) => `${MAY} ${place}/${command}\n`),
  );
  assert.equal(makeSudoers("diag", { looks, helper: false }), `${HEAD}${allowed.join("")}`);
  const helper = `${MAY} /usr/local/lib/diagnose502/restart\n`;
  assert.equal(makeSudoers("diag", { looks, helper: true }), `${HEAD}${helper}${allowed.join("")}`);
});

test("a login that may do nothing still gets a file that says so", () => {
  assert.equal(makeSudoers("diag", { looks: [], helper: false }), HEAD);
});

test("words are escaped as everywhere", () => {
  const file = makeSudoers("diag", { looks: [["cat", "/etc/a b#1"]], helper: false });
  assert.ok(file.includes(`\n${makeSudoersLine("diag", ["/usr/bin/cat", "/etc/a b#1"])}\n`));
});
