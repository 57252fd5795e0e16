/**
 * The looks that need root on a lab host, as sudoers command lines: exactly what the playbooks run as root.
 * The same list an operator would get from `diagnose502 harden`.
 */
const ROOT_LOOKS = [
  "/usr/sbin/nginx -T -q",
  "/usr/sbin/apachectl -S",
  "/usr/sbin/apache2ctl -S",
  "/usr/sbin/haproxy -c -f /etc/haproxy/haproxy.cfg",
  "/usr/sbin/php-fpm8.2 -tt",
  "/usr/bin/ss -Htlnp",
  "/usr/bin/ss -Hxlp",
  "/usr/bin/ss -Htnp",
  "/usr/sbin/nft -j list ruleset",
  "/usr/bin/tail -c * /var/log/php8.2-fpm.log",
];

/** The sudoers file of the login `user`. */
export function sudoersFile(user: string): string {
  const lines = ROOT_LOOKS.map((command) => `${user} ALL=(root) NOPASSWD:NOSETENV: ${command}`);
  return `${lines.join("\n")}\n`;
}
