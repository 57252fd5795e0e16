import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isNeverTouched, whyNameNeverTouched, whyNeverTouched } from "../../src/playbook/never-touch.ts";

const NEVER: Readonly<Record<string, string>> = {
  "a proxy":
    "nginx apache2 httpd haproxy haproxy@blue caddy traefik envoy varnish varnishncsa keepalived openresty lighttpd nginx-proxy nginx_ingress caddy-api",
  "a database, cache or queue":
    "mysql mysqld mariadb mariadb@main postgresql postgresql@15-main postgresql-16 mongod mongodb mongodb-org mongos mongo5 redis redis6 redis_6379 redis-sentinel patroni redis-server redis-server@7 valkey memcached rabbitmq-server kafka elasticsearch opensearch postgres postgres-primary mongo mongo-express clickhouse clickhouse-server mssql-server minio minio-1",
  "the way into the host": "ssh sshd sshd@3",
  "part of the system":
    "dbus dbus-broker systemd-journald systemd-logind user@1000 cron crond auditd getty@tty1",
  "the host's network":
    "networking network NetworkManager NetworkManager-dispatcher network-manager systemd-networkd",
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
    "shop-redis-worker",
    "shop-postgres-exporter",
    "dbus-less-shop",
    "databaser",
    "pgshop",
    "httpdocs",
    "user",
    "minion",
    "mongolia",
    "mongoose-api",
    "redistribution",
    "patronize",
    "network-api",
  ]) {
    assert.equal(whyNeverTouched(`${name}.service`), undefined, name);
  }
  assert.equal(isNeverTouched("shop.socket"), false);
});

/** Names of containers, PM2 apps and supervisord programs. */
const HELD: Readonly<Record<string, string>> = {
  "a proxy that may serve other sites":
    "nginx nginx-proxy shop-nginx-1 shop_nginx_1 node-nginx-demo reverse-proxy shop-traefik traefik2 docker-haproxy.1 api-caddy-1 lighttpd",
  "a database, cache or queue":
    "postgres postgres15 POSTGRES shop-postgres-1 shop_postgres_1 shop-postgres-primary-0 mongo shop-mongo-rs0-1 clickhouse mssql-server shop.redis redis7 shop-redis-1 worker-redis-1 db shop-db-1 shop-database pg16 shop-mysql8-1 my-rabbitmq redis-worker",
};

for (const [what, names] of Object.entries(HELD)) {
  test(`a container is ${what} when a part of its name says so`, () => {
    for (const name of names.split(" ")) assert.equal(whyNameNeverTouched(name), what, name);
  });
}

test("a container is an application when it only names what it uses, or nothing of the kind", () => {
  for (const name of [
    "web",
    "shop-web-1",
    "shop-redis-worker-1",
    "shop_postgres_exporter",
    "shop-db-api-2",
    "shop-user-1",
    "user",
    "salt-minion",
    "shop-cron-1",
    "dbeaver",
    "api",
    "worker-1",
    "shop-1",
  ]) {
    assert.equal(whyNameNeverTouched(name), undefined, name);
  }
});

test("what no unit may be called, no container may be called either", () => {
  for (const name of ["sshd", "dockerd", "pm2-deploy", "diagnose502"]) {
    assert.equal(whyNameNeverTouched(name), whyNeverTouched(`${name}.service`));
    assert.notEqual(whyNameNeverTouched(name), undefined);
  }
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
