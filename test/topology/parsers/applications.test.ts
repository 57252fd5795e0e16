import assert from "node:assert/strict";
import { test } from "node:test";
import { psLine, unitBlock } from "../site.ts";
import { declaredBy, inShort } from "./services.ts";

test("PHP-FPM: every pool of every version is a part of its unit", () => {
  const pools = declaredBy("php-fpm", {
    files: {
      "/etc/php/8.2/fpm/php-fpm.conf": "[global]\nerror_log = /var/log/php8.2-fpm.log\n",
      "/etc/php/8.2/fpm/pool.d/www.conf":
        "[www]\nlisten = /run/php/php8.2-fpm.sock\npm.max_children = 5\n;listen.backlog = 9\n",
      "/etc/php/8.2/fpm/pool.d/shop.conf":
        "[shop]\nlisten = /run/php/$pool.sock ; own socket\npm.max_children = 20\nrequest_terminate_timeout = 1m\nlisten.backlog = 64\nslowlog = /var/log/php/$pool.slow\n",
      "/etc/php/7.4/fpm/pool.d/www.conf": "[www]\nlisten = 127.0.0.1:9000\n",
      "/etc/php-fpm.d/www.conf": "[www]\nlisten = 9001\n",
      "/etc/opt/remi/php81/php-fpm.d/www.conf": "[www]\nlisten = /run/remi.sock\n",
    },
  });
  assert.deepEqual(pools.map(inShort).toSorted(), [
    "php-fpm.service[www] *:9001",
    "php7.4-fpm.service[www] 127.0.0.1:9000",
    "php8.2-fpm.service[shop] unix:/run/php/shop.sock",
    "php8.2-fpm.service[www] unix:/run/php/php8.2-fpm.sock unix:/run/php/php-fpm.sock",
    "php81-php-fpm.service[www] unix:/run/remi.sock",
  ]);
  const shop = pools.find(({ part }) => part === "shop");
  assert.deepEqual(shop?.settings, { maxWorkers: 20, requestTimeoutMs: 60_000, backlog: 64 });
  assert.deepEqual(shop?.logs, [
    { kind: "file", path: "/var/log/php8.2-fpm.log" },
    { kind: "file", path: "/var/log/php/shop.slow" },
  ]);
});

test("gunicorn: command line, then settings file, socket unit, PORT, and its default", () => {
  const command =
    "/usr/bin/gunicorn --workers 3 --threads 2 -b 127.0.0.1:8001 --bind=unix:/run/a.sock -t 60 --error-logfile /var/log/a.log a:app";
  const cases = [
    {
      title: "options",
      units: { "a.service": command },
      expected: ["a.service 127.0.0.1:8001 unix:/run/a.sock"],
    },
    {
      title: "default",
      units: { "a.service": "/usr/bin/gunicorn a:app" },
      expected: ["a.service 127.0.0.1:8000"],
    },
    {
      title: "PORT",
      units: { "a.service": "/usr/bin/gunicorn a:app" },
      files: { "/etc/systemd/system/a.service": "Environment=PORT=5000\n" },
      expected: ["a.service 0.0.0.0:5000"],
    },
    {
      title: "settings file",
      units: { "a.service": "/usr/bin/gunicorn -c /srv/a/gunicorn.conf.py a:app" },
      files: { "/srv/a/gunicorn.conf.py": 'import os\nbind = "127.0.0.1:8002"  # here\ntimeout = 90\n' },
      expected: ["a.service 127.0.0.1:8002"],
    },
    {
      title: "a settings file nobody read",
      units: { "a.service": "/usr/bin/gunicorn -c /srv/a/gunicorn.conf.py a:app" },
      expected: ["a.service"],
    },
    {
      title: "socket unit",
      units: { "a.service": "/usr/bin/gunicorn a:app" },
      moreUnits: unitBlock("a.socket", { Listen: "/run/a.sock (Stream)" }),
      expected: ["a.service unix:/run/a.sock"],
    },
  ];
  for (const { title, expected, ...given } of cases) {
    assert.deepEqual(declaredBy("gunicorn", given).map(inShort), expected, title);
  }
  const [service] = declaredBy("gunicorn", { units: { "a.service": command } });
  assert.deepEqual(service?.settings, {
    requestTimeoutMs: 60_000,
    keepaliveMs: 2000,
    backlog: 2048,
    maxWorkers: 6,
  });
  assert.deepEqual(service?.logs, [{ kind: "file", path: "/var/log/a.log" }]);
});

test("uWSGI: an ini file belongs to the unit that names it, on Debian to the one for all", () => {
  const ini = `[uwsgi]
socket = /run/uwsgi/%n.sock
http-socket = 127.0.0.1:9090
processes = 4
harakiri = 20
listen = 128
logto = /var/log/uwsgi/shop.log
`;
  const cases = [
    {
      title: "named by its unit",
      files: { "/etc/uwsgi/apps-available/shop.ini": ini },
      units: { "uwsgi-shop.service": "/usr/bin/uwsgi --ini /etc/uwsgi/apps-available/shop.ini" },
      expected: ["uwsgi-shop.service[shop] unix:/run/uwsgi/shop.sock 127.0.0.1:9090"],
    },
    {
      title: "one directory, one emperor",
      files: {
        "/etc/uwsgi/vassals/a.ini": "[uwsgi]\nsocket = :3031\n",
        "/etc/uwsgi/vassals/b.ini": "[uwsgi]\nsocket = :3032\n",
      },
      units: { "uwsgi.service": "/usr/bin/uwsgi --emperor /etc/uwsgi/vassals" },
      expected: ["uwsgi.service[a] *:3031", "uwsgi.service[b] *:3032"],
    },
    {
      title: "Debian",
      files: { "/etc/uwsgi/apps-enabled/shop.ini": "[uwsgi]\nprocesses = 2\n" },
      units: {},
      expected: ["uwsgi.service[shop] unix:/run/uwsgi/app/shop/socket"],
    },
    {
      title: "available but started by nothing",
      files: { "/etc/uwsgi/apps-available/old.ini": ini },
      units: {},
      expected: [],
    },
    {
      title: "command line alone",
      files: {},
      units: { "uwsgi.service": "/usr/bin/uwsgi --http-socket 0.0.0.0:8000 --processes 2" },
      expected: ["uwsgi.service 0.0.0.0:8000"],
    },
  ];
  for (const { title, expected, ...given } of cases) {
    assert.deepEqual(declaredBy("uwsgi", given).map(inShort), expected, title);
  }
  const [shop] = declaredBy("uwsgi", cases[0] ?? {});
  assert.deepEqual(shop?.settings, {
    maxWorkers: 4,
    requestTimeoutMs: 20_000,
    backlog: 128,
    maxHeaderBytes: 4096,
  });
  assert.deepEqual(shop?.logs, [{ kind: "file", path: "/var/log/uwsgi/shop.log" }]);
});

test("Node.js: the port is where the unit file, a drop-in or the command says", () => {
  const file = (text: string) => ({ "/etc/systemd/system/shop.service": text });
  const dropIn = { "/etc/systemd/system/shop.service.d/port.conf": "[Service]\nEnvironment=PORT=4000\n" };
  const command = { "shop.service": "/usr/bin/node /srv/shop/server.js" };
  const cases = [
    { given: { files: file("Environment=PORT=3000\n"), units: command }, expected: ["shop.service *:3000"] },
    {
      given: { files: file('Environment="PORT=3000" HOST=127.0.0.1\n'), units: command },
      expected: ["shop.service 127.0.0.1:3000"],
    },
    {
      given: { files: { ...dropIn, ...file("Environment=PORT=3000\n") }, units: command },
      expected: ["shop.service *:4000"],
    },
    {
      given: { files: file("Environment=PORT=/run/shop.sock\n"), units: command },
      expected: ["shop.service unix:/run/shop.sock"],
    },
    {
      given: { units: { "shop.service": "/usr/bin/node server.js --host ::1 --port=3001" } },
      expected: ["shop.service [::1]:3001"],
    },
    { given: { units: command }, expected: [] },
  ];
  for (const { given, expected } of cases) {
    assert.deepEqual(declaredBy("node-systemd", given).map(inShort), expected);
  }
});

/** Debian 12, tomcat10 10.1: comments hold connectors that do not exist. */
const SERVER_XML = `<?xml version="1.0" encoding="UTF-8"?>
<Server port="8005" shutdown="SHUTDOWN">
  <Service name="Catalina">
    <!--
    <Connector executor="tomcatThreadPool"
               port="9999" protocol="HTTP/1.1" />
    -->
    <Connector port="8080" protocol="HTTP/1.1" address='127.0.0.1'
               connectionTimeout="20000" maxThreads="50"
               redirectPort="8443"
               />
    <Connector protocol="AJP/1.3"
               address="::1"
               port="8009"
               redirectPort="8443"
               />
  </Service>
</Server>`;

test("Tomcat: each connector is a part with its own address and limits", () => {
  const connectors = declaredBy("tomcat", { files: { "/etc/tomcat10/server.xml": SERVER_XML } });
  assert.deepEqual(connectors.map(inShort), [
    "tomcat10.service[http-8080] 127.0.0.1:8080",
    "tomcat10.service[ajp-8009] [::1]:8009",
  ]);
  assert.deepEqual(connectors[0]?.settings, {
    maxWorkers: 50,
    backlog: 100,
    maxConnections: 8192,
    keepaliveMs: 20_000,
    maxHeaderBytes: 8192,
  });
  assert.deepEqual(connectors[0]?.logs, [{ kind: "file", path: "/var/log/tomcat10/catalina.out" }]);
});

test("Tomcat: the connectors of an unpacked archive belong to the one unit there is", () => {
  const [connector] = declaredBy("tomcat", {
    files: { "/opt/tomcat/conf/server.xml": SERVER_XML },
    units: { "tomcat9.service": "/opt/tomcat/bin/catalina.sh run" },
  });
  assert.equal(connector?.unit, "tomcat9.service");
  assert.deepEqual(connector.logs, [{ kind: "file", path: "/opt/tomcat/logs/catalina.out" }]);
});

test("Puma: the process title, else the command line, else its file", () => {
  const unit = { "puma.service": "/usr/local/bin/bundle exec puma -C /srv/shop/config/puma.rb" };
  const config = {
    "/srv/shop/config/puma.rb":
      'threads 2, 8\nworkers ENV.fetch("WEB_CONCURRENCY") { 3 }\nbind "unix:///run/shop/puma.sock"\nport ENV.fetch("PORT") { 3000 }\n',
  };
  const title = psLine(900, 1, {
    unit: "puma.service",
    comm: "puma",
    args: "puma 7.0.1 (tcp://0.0.0.0:3000,unix:///run/shop/puma.sock?umask=0) [shop]",
  });
  const cases = [
    { given: { units: unit, ps: title }, expected: ["puma.service 0.0.0.0:3000 unix:/run/shop/puma.sock"] },
    { given: { units: unit, files: config }, expected: ["puma.service unix:/run/shop/puma.sock *:3000"] },
    {
      given: { units: { "puma.service": "/usr/bin/puma -b tcp://127.0.0.1:9292" } },
      expected: ["puma.service 127.0.0.1:9292"],
    },
    { given: { units: unit }, expected: ["puma.service"] },
  ];
  for (const { given, expected } of cases) assert.deepEqual(declaredBy("puma", given).map(inShort), expected);
  assert.equal(declaredBy("puma", { units: unit, ps: title })[0]?.settings.keepaliveMs, 65_000);
  assert.equal(declaredBy("puma", { units: unit, files: config })[0]?.settings.maxWorkers, 24);
});
