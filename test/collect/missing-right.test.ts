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
  ...["root", "shadow", "sudo", "wheel", "disk", "kmem", "docker", "lxd"].map(
    (group) =>
      [
        `a group that may do far more is not proposed: ${group}`,
        makeLook(LOG),
        `denied - -rw-r----- ${group} /var/log/nginx/error.log`,
        "read access to /var/log/nginx/error.log for diag",
      ] as const,
  ),
  [
    "nor the group of another log",
    makeLook(LOG),
    "denied - -rw-r----- adm /var/log/other.log",
    "read access to /var/log/nginx/error.log for diag",
  ],
  [
    "the file that the look came to, by any of its patterns",
    makeLook({ kind: "files", globs: ["/etc/a.conf", "/etc/b.d/*.conf"] }, root),
    "denied /bin/cat -rw------- root /etc/b.d/with space.conf",
    "diag ALL=(root) NOPASSWD:NOSETENV: /bin/cat /etc/b.d/with\\ space.conf",
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
    "nor a file that was not asked for, nor its group",
    makeLook({ kind: "files", globs: ["/etc/nginx/*.conf"] }, root),
    "denied /usr/bin/cat -rw-r----- adm /etc/shadow",
    "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/cat /etc/nginx/\\*.conf",
  ],
  [
    "nor one that a pattern leads to by way of ..",
    makeLook({ kind: "files", globs: ["/etc/nginx/*.conf"] }, root),
    "denied /usr/bin/cat -rw-r----- adm /etc/nginx/../../root/a.conf",
    "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/cat /etc/nginx/\\*.conf",
  ],
  [
    "an interpreter behind env is named, and not root's either",
    makeLook(run("env", "A=1", "perl", "-e", "…", "/run/a.sock"), { as: "prefer-root" }),
    "denied /usr/bin/env",
    "a group for diag that may use /run/a.sock, because perl is never run as root",
  ],
  [
    "an interpreter that is led to no file",
    makeLook(run("python3", "-c", "…"), root),
    "denied /usr/bin/python3",
    "a group for diag that may do so, because python3 is never run as root",
  ],
  [
    "a command that prints a file of a service's own",
    makeLook(run("tail", "-n", "5", "/srv/app/state"), root),
    "denied /usr/bin/tail",
    "read access to /srv/app/state for diag",
  ],
  [
    "a file of a service's own, where it may put a link to another one",
    makeLook({ kind: "files", globs: ["/var/lib/pgsql/data/postgresql.conf"] }, { as: "prefer-root" }),
    "denied /usr/bin/cat - - /var/lib/pgsql/data/postgresql.conf",
    "read access to /var/lib/pgsql/data/postgresql.conf for diag",
  ],
  [
    "a log whose name would be a comment in sudoers",
    makeLook({ ...LOG, path: "/var/log/app#1.log" }, { as: "prefer-root" }),
    "denied /usr/bin/tail -rw------- root /var/log/app#1.log",
    "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/tail -c 65536 /var/log/app\\#1.log",
  ],
  [
    "an interpreter: the group of the socket that refused, and never root",
    makeLook(run("perl", "-e", "…", "/run/a.sock", "/run/b.sock"), { as: "prefer-root" }),
    "denied - srw-rw---- haproxy /run/b.sock",
    "group haproxy for diag (usermod -aG haproxy diag)",
  ],
  ...["denied -", "denied /usr/bin/perl", "denied - srwxr-xr-x haproxy /run/b.sock"].map(
    (state) =>
      [
        `an interpreter of which no group is known: ${state}`,
        makeLook(run("perl", "-e", "…", "/run/a.sock", "/run/b.sock"), { as: "prefer-root" }),
        state,
        "a group for diag that may use /run/a.sock or /run/b.sock, because perl is never run as root",
      ] as const,
  ),
  ...["-rw-r----- adm /run/c.sock", "srw-rw---- root /run/b.sock", "srw-rw---- a;b /run/b.sock"].map(
    (seen) =>
      [
        `of any other command, the sudoers line where the group is none to propose: ${seen}`,
        makeLook(run("ss", "-l", "/run/b.sock"), { as: "prefer-root" }),
        `denied - ${seen}`,
        "diag ALL=(root) NOPASSWD:NOSETENV: /usr/bin/ss -l /run/b.sock",
      ] as const,
  ),
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
