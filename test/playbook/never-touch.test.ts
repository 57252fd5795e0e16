import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isNeverTouched, whyNeverTouched } from "../../src/playbook/never-touch.ts";

const NEVER: Readonly<Record<string, string>> = {
  "a proxy": "nginx apache2 httpd haproxy haproxy@blue caddy traefik envoy varnish keepalived openresty",
  "a database, cache or queue":
    "mysql mysqld mariadb mariadb@main postgresql postgresql@15-main postgresql-16 mongod redis redis-server redis-server@7 valkey memcached rabbitmq-server kafka elasticsearch opensearch",
  "the way into the host": "ssh sshd sshd@3",
  "part of the system":
    "dbus dbus-broker systemd-journald systemd-logind user@1000 cron crond auditd getty@tty1",
  "the host's network": "networking network NetworkManager systemd-networkd",
  "the host's firewall": "nftables iptables firewalld ufw",
  "a container engine": "docker snap.docker.dockerd containerd podman podman-restart kubelet k3s",
  "a process manager with other applications in it": "pm2-deploy pm2 supervisor supervisord monit",
  "diagnose502 itself": "diagnose502 diagnose502-bot",
};

for (const [what, names] of Object.entries(NEVER)) {
  test(`${what} is never restarted`, () => {
    for (const name of names.split(" ")) assert.ok(isNeverTouched(`${name}.service`), name);
  });
}

test("sockets count like their service; targets, slices, mounts and scopes are never restarted at all", () => {
  for (const unit of ["docker.socket", "sshd.socket", "dbus.socket"]) assert.ok(isNeverTouched(unit), unit);
  for (const unit of ["shop.target", "shop.slice", "srv.mount", "session-1.scope", "shop", ""]) {
    assert.ok(isNeverTouched(unit), unit);
  }
});

test("an application's own unit may be restarted, whatever it is built of", () => {
  for (const name of [
    "shop",
    "php8.2-fpm",
    "php-fpm",
    "gunicorn",
    "uwsgi@shop",
    "puma",
    "tomcat10",
    "node-nginx-demo",
    "docker-shop",
    "docker-compose@shop",
    "container-shop",
    "cronjob-api",
    "sshop",
  ]) {
    assert.equal(whyNeverTouched(`${name}.service`), undefined, name);
  }
  assert.equal(isNeverTouched("shop.socket"), false);
});

test("no instance, capital or suffix makes a listed unit touchable", () => {
  const names = Object.values(NEVER).flatMap((text) => text.split(" "));
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.string(), fc.boolean(), (name, instance, isUpper) => {
      const [template = ""] = name.split("@");
      return isNeverTouched(`${isUpper ? template.toUpperCase() : template}@${instance}.service`);
    }),
  );
});
