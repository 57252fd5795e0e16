import assert from "node:assert/strict";
import { test } from "node:test";
import { isHarmlessValue, isSaid } from "../../../src/collect/redact/harmless-values.ts";
import { viewsOf } from "../../../src/collect/redact/views.ts";

for (const value of [
  ..."yes no true False NULL nil none undefined empty on off 0 1 invalid expired missing failed required".split(
    " ",
  ),
  ...`$VAR \${VAR} \${VAR $1 $http_cookie; %{VAR}e %{HTTP:Cookie} <password> * ****`.split(" "),
  "$(cat /run/x)",
  "<password>, as the manual says",
  `\${{ secrets.DB }}`,
  "",
]) {
  test(`${value || "nothing"} is no secret`, () => assert.equal(isHarmlessValue(value), true));
}
for (const value of [
  "hunter2",
  "a$VAR",
  "%VAR",
  "a<b",
  "**a",
  "a**",
  "2",
  "nope",
  "a%{b",
  "$ecret-1",
  "$1$abc",
  `\${A:-b}`,
  "<x9",
  "<a>b",
  "%{a-",
]) {
  test(`${value} may be secret`, () => assert.equal(isHarmlessValue(value), false));
}

/** Up to the colon, with the name between bars; and what stands behind it. */
const SAID: readonly string[] = [
  "http://|token|:8080/",
  "|auth-db|:5432 refused",
  "|auth-db|:54",
  "|auth-db|:54321",
  "[|auth_basic|:error] [pid 1]",
  ..."emerg alert crit error warn notice info debug trace1 trace8"
    .split(" ")
    .map((level) => `[|auth_digest|:${level}]`),
  "pam_unix(|chpasswd|:auth): user unknown",
  "sshd: pam_unix(|passwd|:chauthtok): password changed",
  "|passwd|:         files systemd",
  "hosts: files dns\n  |passwd|: compat [NOTFOUND=return] ldap",
  "|passwd|: db nis nisplus sss winbind hesiod altfiles files",
  "|auth|: no such user",
  "|pass|: three of four",
  "|nginx-auth|: worker process 812 exited",
  "Unexpected |token|: punc (})",
  "|web-nginx-auth|: worker process 812 exited",
  "|passwd|: files  systemd",
  "|secret|: file not found",
  "|secret|: an unset value was refused",
  "|client_secret|: is missing.",
  "|token|: the token has expired!",
  "|db_password|: permission denied\nnext line",
];
const GIVEN: readonly string[] = [
  "|password|:12345",
  "|password|:8080/",
  "|auth-db|:5",
  "|auth-db| :5432",
  "pam_unix(a) (|chpasswd|:auth)",
  "|passwd|: files [a]x",
  "|password_auth|: three of four",
  "|password|: the secret key",
  "|auth-db|:543210",
  "|auth-db|:5432a",
  "|auth_x|:/8080",
  "[|auth_basic|:errors]",
  "[|auth_basic|:trace9]",
  "[|password|:hunter2]",
  "(|auth_basic|:error]",
  "[|auth_basic| :error]",
  "unix(|chpasswd|:auth)",
  "f(|password|:hunter2)",
  "[pam_unix(|chpasswd|:auth".replace("(|", " |"),
  "|passwd|: files hunter2",
  "|passwd|: files [hunter2",
  "|passwd|: files x[a]",
  "|passwd|:",
  "x |passwd|: files systemd",
  "|password|: files systemd",
  "|http_auth|: hunter2",
  "'|auth|': no such user",
  '"|auth|": "no such user"',
  "|smtp_pass|: three of four",
  "unexpected |secret_x|: of mine".replace("unexpected ", "unexpected: "),
  "|password|: open the door",
  "|password|: the file is not it",
  "|password|: to be or not to be found",
  "|password|: hunter2 not found",
  "|secret|: not found hunter2",
  "|secret|: wrong",
  "|secret|: not",
];
for (const [texts, expected] of [
  [SAID, true],
  [GIVEN, false],
] as const) {
  for (const text of texts) {
    const [before = "", name = "", after = ""] = text.split("|");
    test(`${expected ? "no value is given in" : "a value may be given in"} ${JSON.stringify(text)}`, () => {
      const [searched] = viewsOf(before + name + after);
      assert.ok(searched);
      assert.equal(isSaid(searched, before.length, before.length + name.length), expected);
    });
  }
}
