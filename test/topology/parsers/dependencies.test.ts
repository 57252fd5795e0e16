import assert from "node:assert/strict";
import { test } from "node:test";
import { declaredBy, inShort } from "./services.ts";

test("MariaDB: all option files make one server, with or without their headers", () => {
  const files = {
    "/etc/mysql/conf.d/mysql.cnf": "[client]\nport = 3399\n",
    "/etc/mysql/mariadb.conf.d/50-server.cnf":
      "[mysqld]\nbind-address            = 127.0.0.1,::1\nmax_connections = 20\nlog_error = /var/log/mysql/error.log\n",
    "/etc/mysql/mariadb.conf.d/99-shop.cnf": "[mariadb-10.11]\nport = 3307\n",
  };
  const units = { "mariadb.service": "/usr/sbin/mariadbd" };
  const [server, ...others] = declaredBy("mariadb", { files, units });
  assert.equal(others.length, 0);
  assert.equal(
    server && inShort(server),
    "mariadb.service 127.0.0.1:3307 [::1]:3307 unix:/run/mysqld/mysqld.sock",
  );
  assert.deepEqual(server?.settings, { maxConnections: 20 });
  assert.deepEqual(server?.logs, [{ kind: "file", path: "/var/log/mysql/error.log" }]);
  const [bare] = declaredBy("mariadb", { files: { "/etc/my.cnf": "port = 3308\nlog-error = db.err\n" } });
  assert.equal(bare && inShort(bare), "? *:3308 unix:/var/lib/mysql/mysql.sock");
  assert.deepEqual(bare?.logs, [{ kind: "file", path: "/var/lib/mysql/db.err" }]);
});

test("PostgreSQL: every cluster has its unit, socket and log", () => {
  const clusters = declaredBy("postgresql", {
    files: {
      "/etc/postgresql/15/main/postgresql.conf":
        "#listen_addresses = '*'\nport = 5432\t\t\t\t# (change requires restart)\nmax_connections = 30\t# more\nunix_socket_directories = '/var/run/postgresql'\n",
      "/var/lib/pgsql/data/postgresql.conf": "listen_addresses '10.0.0.2, 127.0.0.1'\nport 5433\n",
    },
    units: { "postgresql.service": "/usr/bin/postmaster" },
  });
  assert.deepEqual(clusters.map(inShort), [
    "postgresql@15-main.service localhost:5432 unix:/var/run/postgresql/.s.PGSQL.5432",
    "postgresql.service 10.0.0.2:5433 127.0.0.1:5433 unix:/tmp/.s.PGSQL.5433",
  ]);
  assert.deepEqual(clusters[0]?.settings, { maxConnections: 30 });
  assert.deepEqual(clusters[0]?.logs, [{ kind: "file", path: "/var/log/postgresql/postgresql-15-main.log" }]);
});

test("Redis: addresses, socket and log of the file its unit names", () => {
  const [server] = declaredBy("redis", {
    files: {
      "/etc/redis/redis.conf":
        "bind 127.0.0.1 -::1\nport 6379\nunixsocket /run/redis/redis.sock\nlogfile /var/log/redis/redis-server.log\n",
      "/etc/redis/sentinel.conf": "port 26379\n",
    },
    units: { "redis-server.service": "/usr/bin/redis-server /etc/redis/redis.conf --supervised systemd" },
  });
  assert.equal(
    server && inShort(server),
    "redis-server.service 127.0.0.1:6379 [::1]:6379 unix:/run/redis/redis.sock",
  );
  assert.deepEqual(server?.logs, [{ kind: "file", path: "/var/log/redis/redis-server.log" }]);
});
