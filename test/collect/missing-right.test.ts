import assert from "node:assert/strict";
import { test } from "node:test";
import { missingRight } from "../../src/collect/missing-right.ts";
import type { Look } from "../../src/plan/plan.ts";
import { makeLook, run } from "./far-side.ts";

const LOG = {
  kind: "log",
  path: "/var/log/nginx/error.log",
  windowSeconds: 900,
  timestamps: "none",
} as const;
const root = { as: "root" } as const;

const CASES: readonly (readonly [what: string, look: Look, state: string, need: string])[] = [
  [
    "a command, by the path it has there",
    makeLook(run("nginx", "-T"), root),
    "denied /usr/sbin/nginx",
    "diag ALL=(root) NOPASSWD:NOSETENV: /usr/sbin/nginx -T",
  ],
  [
    "special characters of sudoers are escaped",
    makeLook(run("ss", "-H", "state=all,x:y"), root),
    "denied /usr/bin/ss",
    "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/ss -H state\\=all\\,x\\:y",
  ],
  [
    "a log that a group may read: the group first",
    makeLook(LOG, { as: "prefer-root" }),
    "denied /usr/bin/tail -rw-r----- adm /var/log/nginx/error.log",
    "group adm for diag (usermod -aG adm diag), or in sudoers: diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/tail -c 65536 /var/log/nginx/error.log",
  ],
  [
    "a log that only root may read",
    makeLook(LOG),
    "denied - -rw------- root /var/log/nginx/error.log",
    "read access to /var/log/nginx/error.log for diag",
  ],
  [
    "a group that may do far more is not proposed",
    makeLook(LOG),
    "denied - -rw-r----- shadow /var/log/nginx/error.log",
    "read access to /var/log/nginx/error.log for diag",
  ],
  [
    "a hostile program path is not passed on to people",
    makeLook(run("nginx", "-T"), root),
    "denied /tmp/evil/nginx",
    "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/nginx -T",
  ],
  [
    "nor one that climbs out of its directory",
    makeLook(run("nginx", "-T"), root),
    "denied /usr/bin/../../tmp/nginx",
    "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/nginx -T",
  ],
  [
    "nor a file that was not asked for",
    makeLook({ kind: "files", globs: ["/etc/nginx/*.conf"] }, root),
    "denied /usr/bin/cat -rw------- root /etc/shadow",
    "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/cat /etc/nginx/\\*.conf",
  ],
  [
    "nor a group's name that is a command",
    makeLook(LOG),
    "denied - -rw-r----- adm;reboot /var/log/nginx/error.log",
    "read access to /var/log/nginx/error.log for diag",
  ],
];

for (const [what, look, state, need] of CASES) {
  test(`the right that is missing: ${what}`, () => assert.equal(missingRight(look, state, "diag"), need));
}
