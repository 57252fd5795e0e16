import type { HostSpec } from "./hosts.ts";

/**
 * Where the products of this machine live. They are all installed underneath; on a host only those exist whose units it
 * starts, as on a real machine that was set up for one purpose. The key begins the unit's name.
 */
const PRODUCTS: Readonly<Record<string, string>> = {
  nginx: "/usr/sbin/nginx /etc/nginx /usr/lib/systemd/system/nginx.service /etc/init.d/nginx /var/log/nginx",
  apache2:
    "/usr/sbin/apache2* /usr/sbin/apachectl /usr/sbin/a2* /etc/apache2 /usr/lib/systemd/system/apache* /etc/init.d/apache* /var/log/apache2",
  haproxy:
    "/usr/sbin/haproxy /etc/haproxy /usr/lib/systemd/system/haproxy.service /etc/init.d/haproxy /var/lib/haproxy",
  php: "/usr/sbin/php-fpm* /etc/php /usr/lib/systemd/system/php* /etc/init.d/php*",
  tomcat: "/etc/tomcat* /usr/share/tomcat* /var/lib/tomcat* /var/log/tomcat* /usr/lib/systemd/system/tomcat*",
  mariadb:
    "/usr/sbin/mariadbd /usr/sbin/mysqld /etc/mysql /usr/lib/systemd/system/mariadb* /usr/lib/systemd/system/mysql* /etc/init.d/mariadb /var/lib/mysql /var/log/mysql",
  postgresql:
    "/usr/lib/postgresql /etc/postgresql* /usr/lib/systemd/system/postgresql* /usr/lib/systemd/system-generators/postgresql* /etc/init.d/postgresql /var/lib/postgresql /var/log/postgresql",
  redis:
    "/usr/bin/redis-* /etc/redis /usr/lib/systemd/system/redis* /etc/init.d/redis* /var/lib/redis /var/log/redis",
  uwsgi: "/usr/bin/uwsgi* /etc/uwsgi /var/log/uwsgi",
};

/** Shell that removes every product the host does not use. */
export function removeUnusedProducts(spec: HostSpec): string {
  const unused = Object.entries(PRODUCTS).filter(
    ([product]) => !spec.units.some((unit) => unit.startsWith(product)),
  );
  return `rm -rf ${unused.map(([, paths]) => paths).join(" ")}\n`;
}
