import { makeSudoersLine } from "../../src/collect/sudoers-line.ts";

/**
 * The looks that need root on a lab host: exactly what the playbooks run as root, one argument vector each, as
 * `diagnose502 harden` would allow them. A final `*` stands for any number.
 */
const ROOT_LOOKS: readonly (readonly string[])[] = [
  ["/usr/sbin/nginx", "-T", "-q"],
  ["/usr/sbin/apachectl", "-S"],
  ["/usr/sbin/apachectl", "-t", "-D", "DUMP_INCLUDES"],
  ["/usr/bin/ss", "-Htlnp"],
  ["/usr/bin/ss", "-Hxlp"],
  ["/usr/bin/ss", "-Htanp", "( dport = :3306 or dport = :5432 or dport = :6379 )"],
  ["/usr/bin/ss", "-Htanp", "state", "close-wait", "state", "syn-sent"],
  ["/usr/sbin/nft", "-j", "list", "ruleset"],
  ["/usr/sbin/iptables-save", "-c"],
  ["/usr/bin/cat", "/etc/redis/redis.conf"],
  ["/usr/bin/cat", "/var/lib/tomcat10/conf/server.xml"],
];

/** Those whose last word the host's own numbers decide; sudoers patterns, already escaped. */
const ROOT_PATTERNS = [
  "/usr/bin/ls -U /proc/[0-9]*/fd",
  "/usr/bin/tail -c [0-9]* /var/log/php8.2-fpm.log",
  "/usr/bin/tail -c [0-9]* /var/log/shop.log",
];

/** The sudoers file of the login `user`. */
export function sudoersFile(user: string): string {
  const looks = ROOT_LOOKS.map((argv) => makeSudoersLine(user, argv));
  const patterns = ROOT_PATTERNS.map((command) => `${user} ALL=(root) NOPASSWD:NOSETENV: ${command}`);
  return [...looks, ...patterns].map((line) => `${line}\n`).join("");
}
