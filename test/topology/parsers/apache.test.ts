import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { LineDetails } from "../../../src/topology/parser.ts";
import { apache } from "../../../src/topology/parsers/apache.ts";
import { asFiles, inputOf, inShort, routeOf, UTC } from "./parser-input.ts";

const SITES: Readonly<Record<string, string>> = {
  "/etc/apache2/apache2.conf": `Timeout 300
User \${APACHE_RUN_USER}
ErrorLog \${APACHE_LOG_DIR}/error.log
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" vhost_combined
LogFormat "%h %t \\"%r\\" %>s %D %{Host}i" timed
IncludeOptional mods-enabled/*.conf
Include ports.conf
IncludeOptional conf-enabled/*.conf
IncludeOptional sites-enabled/*.conf
`,
  "/etc/apache2/envvars": "export APACHE_RUN_USER=www-data\nexport APACHE_LOG_DIR=/var/log/apache2$SUFFIX\n",
  "/etc/apache2/ports.conf": "Listen 80\n<IfModule ssl_module>\n  Listen 443\n</IfModule>\n",
  "/etc/apache2/mods-enabled/mpm_event.conf":
    "<IfModule mpm_event_module>\n  MaxRequestWorkers 150\n</IfModule>\n",
  "/etc/apache2/conf-enabled/other-vhosts-access-log.conf": `CustomLog \${APACHE_LOG_DIR}/other_vhosts_access.log vhost_combined\n`,
  "/etc/apache2/conf-enabled/php8.2-fpm.conf": `<IfModule !mod_php8.c>
  <FilesMatch ".+\\.ph(?:ar|p|tml)$">
    SetHandler "proxy:unix:/run/php/php8.2-fpm.sock|fcgi://localhost"
  </FilesMatch>
</IfModule>
<FilesMatch ".+\\.php$">
  SetHandler "proxy:unix:/run/php/php8.2-fpm.sock|fcgi://localhost"
</FilesMatch>
`,
  "/etc/apache2/sites-enabled/000-default.conf":
    "<VirtualHost *:80>\n  DocumentRoot /var/www/html\n</VirtualHost>\n",
  "/etc/apache2/sites-enabled/shop.conf": `Define SHOP_BACKEND http://10.0.0.11:8080
<VirtualHost *:80>
  ServerName shop.example.com
  ServerAlias *.shop.example.com
  Redirect permanent / https://shop.example.com/
</VirtualHost>
<VirtualHost *:443>
  ServerName https://shop.example.com:443
  SSLEngine on
  ErrorLog \${APACHE_LOG_DIR}/shop-error.log
  CustomLog \${APACHE_LOG_DIR}/shop-access.log timed
  ProxyPreserveHost On
  SSLProxyEngine on
  ProxyTimeout 30
  RewriteEngine On
  RewriteCond %{HTTP:Upgrade} =websocket [NC]
  RewriteRule ^/ws/(.*) ws://127.0.0.1:3001/$1 [P,L]
  RewriteCond %{HTTPS} on
  RewriteRule ^/live/(.*)$ \\
      http://127.0.0.1:3002/$1 [P,L]
  <Proxy "balancer://app">
    BalancerMember "http://10.0.0.21:8080" route=1 retry=5 status=-H-D
    BalancerMember "http://app2.internal:8080" status=+H
    BalancerMember "http://10.0.0.23:8080" status=D
    ProxySet lbmethod=byrequests timeout=45
  </Proxy>
  ProxyPass /static/ !
  ProxyPass /api/v1 balancer://app/v1
  ProxyPass /api https://api.internal:8443/ connectiontimeout=5 timeout=10 disablereuse=On responsefieldsize=16384
  ProxyPassMatch ^/img/(.*\\.png)$ http://10.0.0.31/$1
  <Location /admin>
    ProxyPass unix:/run/admin.sock|http://admin/
  </Location>
  <Location "/php">
    SetHandler "proxy:fcgi://127.0.0.1:9001"
  </Location>
  ProxyPass / \${SHOP_BACKEND}/
</VirtualHost>
`,
  "/etc/apache2/sites-enabled/blog.conf": `<VirtualHost *:443>
  ServerName blog.example.com
  SSLEngine on
  DocumentRoot /var/www/blog
  CustomLog "|/usr/bin/rotatelogs /var/log/apache2/blog.%Y.log 86400" combined
  ErrorLog syslog:local1:blog
  <Directory /var/www/blog/legacy>
    <Files "*.php">
      SetHandler "proxy:fcgi://127.0.0.1:9074"
    </Files>
  </Directory>
</VirtualHost>
`,
};

const INPUT = inputOf("apache", {
  "apache.config-files": asFiles(SITES),
  "apache.version": "Server version: Apache/2.4.71 (Debian)\n",
});

test("a URL is led to the worker that Apache's own order chooses", () => {
  const expected: Readonly<Record<string, string>> = {
    "http://shop.example.com/x": "301 redirects to https://shop.example.com/",
    "https://shop.example.com/cart": "http 10.0.0.11:8080",
    "https://shop.example.com/static/a.css": "- files below the default document root",
    "https://shop.example.com/api/v1/x":
      "http 10.0.0.21:8080 app2.internal:8080(backup) 10.0.0.23:8080(down)",
    "https://shop.example.com/api/v10": "https api.internal:8443",
    "https://shop.example.com/apiary": "http 10.0.0.11:8080",
    "https://shop.example.com/img/a.png": "http 10.0.0.31:80",
    "https://shop.example.com/admin/users": "http unix:/run/admin.sock",
    "https://shop.example.com/live/1": "http 127.0.0.1:3002",
    "https://shop.example.com/ws/1": "http 10.0.0.11:8080",
    "https://blog.example.com/2026/11/hello": "fastcgi unix:/run/php/php8.2-fpm.sock",
    "https://blog.example.com/wp-login.php": "fastcgi unix:/run/php/php8.2-fpm.sock",
    "https://blog.example.com/legacy/x.php": "fastcgi 127.0.0.1:9074",
    "https://blog.example.com/logo.svg": "- files below /var/www/blog",
    "http://nobody.example.com/": "fastcgi unix:/run/php/php8.2-fpm.sock",
  };
  const seen = Object.fromEntries(
    Object.keys(expected).map((url) => [url, inShort(routeOf(apache, INPUT, url).action)]),
  );
  assert.deepEqual(seen, expected);
});

test("the route names its lines, settings, logs and user", () => {
  const route = routeOf(apache, INPUT, "https://shop.example.com/api/x");
  assert.deepEqual(route.source, { file: "/etc/apache2/sites-enabled/shop.conf", line: 7 });
  assert.deepEqual(route.action.source, { file: "/etc/apache2/sites-enabled/shop.conf", line: 29 });
  assert.equal(route.location, "ProxyPass /api https://api.internal:8443/");
  assert.deepEqual(route.serverNames, ["shop.example.com"]);
  assert.equal(route.byDefault, false);
  assert.equal(route.version, "2.4.71");
  assert.equal(route.workerUser, "www-data");
  assert.deepEqual(route.settings, {
    connectTimeoutMs: 5000,
    readTimeoutMs: 10_000,
    sendTimeoutMs: 10_000,
    headerBufferBytes: 16_384,
    verifiesCertificate: true,
    sniName: "shop.example.com",
    reusesConnections: false,
    maxConnections: 150,
  });
  assert.deepEqual(route.errorLogs, [{ kind: "file", path: "/var/log/apache2/shop-error.log" }]);
  assert.deepEqual(route.accessLogs, [
    { kind: "file", path: "/var/log/apache2/shop-access.log", format: '%h %t "%r" %>s %D %{Host}i' },
  ]);
});

test("a balancer has its members' states, its retry and the names resolved once", () => {
  const { action, settings, notes } = routeOf(apache, INPUT, "https://shop.example.com/api/v1");
  assert.equal(action.kind === "pass" && action.group, "balancer://app");
  assert.equal(settings.balancerRetryMs, 5000);
  assert.equal(settings.readTimeoutMs, 45_000);
  assert.deepEqual(
    action.kind === "pass" && action.members.map(({ lookup, source }) => [lookup, source?.line]),
    [
      [undefined, 22],
      ["at-start", 23],
      [undefined, 24],
    ],
  );
  assert.match(notes.join("\n"), /app2\.internal:8080 first resolved to/);
});

test("logs are inherited from the main server; pipes and syslog keep their kind", () => {
  const byDefault = routeOf(apache, INPUT, "http://nobody.example.com/");
  assert.equal(byDefault.byDefault, true);
  assert.deepEqual(byDefault.errorLogs, [{ kind: "file", path: "/var/log/apache2/error.log" }]);
  assert.deepEqual(byDefault.accessLogs, [
    { kind: "file", path: "/var/log/apache2/other_vhosts_access.log" },
  ]);
  const blog = routeOf(apache, INPUT, "https://blog.example.com/");
  assert.deepEqual(blog.errorLogs, [{ kind: "syslog", tag: "blog" }]);
  assert.deepEqual(blog.accessLogs, []);
  assert.match(blog.notes.join("\n"), /blog\.conf:5 is piped to \/usr\/bin\/rotatelogs/);
});

test("a configuration Apache refuses, or that was not read, says why", () => {
  const refused =
    "AH00526: Syntax error on line 7 of /etc/apache2/sites-enabled/shop.conf:\nInvalid command 'ProxyPas'\n";
  assert.deepEqual(apache.route?.(inputOf("apache", { "apache.vhosts": refused }), new URL("http://s/")), {
    route: null,
    why: "Apache refuses this configuration: AH00526: Syntax error on line 7 of /etc/apache2/sites-enabled/shop.conf: Invalid command 'ProxyPas'",
  });
  assert.deepEqual(apache.route?.(inputOf("apache", {}), new URL("http://s/")), {
    route: null,
    why: "No Apache configuration was read on this host.",
  });
  assert.deepEqual(apache.route?.(INPUT, new URL("http://s:8099/")), {
    route: null,
    why: "Apache has no virtual host and no Listen for port 8099.",
  });
});

test("a name only on the plain port is used for https when TLS ends in front", () => {
  const files = {
    "/etc/httpd/conf/httpd.conf":
      "ServerRoot /etc/httpd\nErrorLog logs/error_log\n<VirtualHost *:80>\nServerName a.test\nProxyPass / http://127.0.0.1:1/\n</VirtualHost>\n",
  };
  const route = routeOf(
    apache,
    inputOf("apache", { "apache.config-files": asFiles(files) }),
    "https://a.test/",
  );
  assert.equal(inShort(route.action), "http 127.0.0.1:1");
  assert.match(route.notes.join("\n"), /another port is used/);
  assert.deepEqual(route.errorLogs, [{ kind: "file", path: "/etc/httpd/logs/error_log" }]);
});

// lines Apache httpd 2.4.71 wrote
const ERRORS: readonly (readonly [string, string, string | undefined])[] = [
  [
    "[Sat Nov 21 04:03:44.350908 2026] [proxy:error] [pid 15129:tid 15131] (111)Connection refused: AH00957: http: attempt to connect to 127.0.0.1:18093 (127.0.0.1:18093) failed",
    "(111)Connection refused: AH00957",
    "127.0.0.1:18093",
  ],
  [
    "[Sat Nov 21 04:03:44.350908 2026] [proxy:error] [pid 15129:tid 15131] AH00959: ap_proxy_connect_backend disabling worker for (127.0.0.1:18093) for 60s",
    "AH00959:",
    "127.0.0.1:18093",
  ],
  [
    "[Sat Nov 21 04:03:44.350908 2026] [proxy_http:error] [pid 15129:tid 15131] [client 127.0.0.1:60162] AH01114: HTTP: failed to make connection to backend: 127.0.0.1",
    "AH01114:",
    undefined,
  ],
  [
    "[Sat Nov 21 04:03:44.350908 2026] [proxy:error] [pid 15129:tid 15131] (2)No such file or directory: AH02454: http: attempt to connect to Unix domain socket /tmp/apt/none.sock (localhost:80) failed",
    "(2)No such file",
    "unix:/tmp/apt/none.sock",
  ],
  [
    "[Sat Nov 21 04:03:44.350908 2026] [proxy_http:error] [pid 15129:tid 15131] (70007)The timeout specified has expired: [client ::1:4] AH01102: error reading status line from remote server app:8080",
    "(70007)The timeout",
    "app:8080",
  ],
  [
    "[Sat Nov 21 04:03:44.350908 2026] [proxy:debug] [pid 15129:tid 15131] proxy_util.c(2589): [remote 10.0.0.1:80] AH00962: HTTP: connection complete",
    "AH00962:",
    undefined,
  ],
  [
    "Nov 21 04:03:44 edge-1 apache2[15129]: [proxy_balancer:error] [pid 15129:tid 15131] [client 1.1.1.1:1] AH01170: balancer://app: All workers are in error state",
    "AH01170:",
    "balancer://app",
  ],
];

test("error lines give their message, time, level, process and upstream", () => {
  for (const [line, message, upstream] of ERRORS) {
    const start = apache.errorLog?.messageStart(line, 0, line.length) ?? -1;
    assert.ok(start > 0 && line.startsWith(message, start), line);
    const details = apache.errorLog?.details(line, UTC);
    assert.equal(details?.upstream, upstream, line);
    assert.equal(details?.pid, 15_129, line);
    assert.equal(details?.at?.slice(0, 19), "2026-11-21T04:03:44", line);
  }
  const utcPlusOne = apache.errorLog?.details(ERRORS[0]?.[0] ?? "", { ...UTC, utcOffsetMinutes: 60 });
  assert.deepEqual([utcPlusOne?.at, utcPlusOne?.level], ["2026-11-21T03:03:44.350Z", "error"]);
});

test("what a client sends is not taken for an upstream, and other lines hold no message", () => {
  const line =
    "[Sat Nov 21 04:03:44.350908 2026] [core:error] [pid 1:tid 2] [client 1.1.1.1:1] AH00037: /x AH00957: http: attempt to connect to 9.9.9.9:1 (9.9.9.9:1) failed, referer: AH01102: error reading status line from remote server e:1";
  assert.equal(apache.errorLog?.details(line, UTC).upstream, undefined);
  for (const other of [
    "",
    "PHP Warning:  x",
    "Nov 21 04:03:44 h sshd[1]: apache2[2]: [a:error] AH00957",
    "[Sat Nov 21 04:03:44.350908 2026] x",
  ]) {
    assert.equal(apache.errorLog?.messageStart(other, 0, other.length), -1, other);
  }
});

test("access lines give time, status and request, whatever the request imitates", () => {
  const line =
    '203.0.113.9 - - [21/Nov/2026:04:03:44 +0100] "GET /h/a\\" 200 5 \\"x HTTP/1.1" 502 529 "-" "curl"';
  assert.deepEqual(apache.accessLog?.details(line, UTC), {
    at: "2026-11-21T03:03:44.000Z",
    status: 502,
    request: 'GET /h/a\\" 200 5 \\"x',
  } satisfies LineDetails);
  assert.equal(apache.accessLog?.details(`shop.example.com:443 ${line}`, UTC).server, "shop.example.com");
  const timed = apache.accessLogOf?.('%h %t "%r" %>s %D %{Host}i');
  assert.deepEqual(
    timed?.details(
      '203.0.113.9 [21/Nov/2026:04:03:44 +0000] "GET / HTTP/1.1" 502 30012345 shop.example.com',
      UTC,
    ),
    {
      at: "2026-11-21T04:03:44.000Z",
      status: 502,
      request: "GET /",
      requestHost: "shop.example.com",
      durationMs: 30_012,
    } satisfies LineDetails,
  );
});

const hasApache = spawnSync("apache2", ["-v"]).status === 0;

test("the real Apache knows the same virtual hosts", {
  skip: !hasApache && "Apache is not installed",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "apache-route-"));
  try {
    const path = join(folder, "httpd.conf");
    const modules = ["mpm_event", "authz_core", "proxy", "proxy_http"].map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`,
    );
    const text = `ServerRoot ${folder}\nServerName main.test\nListen 127.0.0.1:8099\nErrorLog ${folder}/error.log\n${modules.join("")}<VirtualHost *:8099>\n  ServerName first.test\n  ProxyPass / http://127.0.0.1:1/\n</VirtualHost>\n<VirtualHost *:8099>\n  ServerName second.test\n  ServerAlias www.*.test\n  ProxyPass / http://127.0.0.1:2/ \\\n    timeout=7\n</VirtualHost>\n`;
    writeFileSync(path, text);
    const vhosts = spawnSync("apache2", ["-f", path, "-S"], { encoding: "utf8" });
    assert.equal(vhosts.status, 0, vhosts.stderr);
    const input = inputOf("apache", {
      "apache.config-files": asFiles({ [path]: text }),
      "apache.vhosts": vhosts.stdout,
    });
    for (const [host, expected] of [
      ["first.test", "first.test"],
      ["second.test", "second.test"],
      ["www.x.test", "second.test"],
      ["other.test", "first.test"],
    ] as const) {
      const route = routeOf(apache, input, `http://${host}:8099/`);
      assert.equal(route.serverName, expected, host);
      assert.ok(vhosts.stdout.includes(`(${route.source.file}:${route.source.line})`), vhosts.stdout);
    }
    assert.equal(routeOf(apache, input, "http://second.test:8099/").settings.readTimeoutMs, 7000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("no configuration or line makes the parser throw", () => {
  const word = fc.constantFrom(
    "<VirtualHost *:80>",
    "</VirtualHost>",
    "<Location ~",
    "<If",
    ">",
    "ProxyPass /",
    "http://",
    "balancer://",
    "unix:",
    "|",
    "RewriteEngine On\n",
    "RewriteRule ^(.*)$",
    "RewriteCond %{X}",
    "[P]",
    "[OR]",
    "SetHandler proxy:",
    `Define a \${a}\${a}`,
    "Include *",
    "\\\n",
    "\n",
    '"',
    "'",
    `\${`,
    "ServerName",
    "constructor",
    "Redirect",
    "AddHandler",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 10 })), { maxLength: 80 }), (words) => {
      const text = words.join(" ");
      const files = asFiles({ "/etc/apache2/apache2.conf": text });
      apache.route?.(
        inputOf("apache", { "apache.config-files": files, "apache.vhosts": text }),
        new URL("http://s/x"),
      );
      const line = `[Sat Nov 21 04:03:44.350908 2026] [a:error] [pid 1] ${text}`;
      for (const either of [text, line]) {
        const start = apache.errorLog?.messageStart(either, 0, either.length) ?? -1;
        assert.ok(start >= -1 && start <= either.length);
        apache.errorLog?.details(either, UTC);
        apache.accessLog?.details(either, UTC);
      }
      apache.accessLogOf?.(text).details(text, UTC);
    }),
    { numRuns: 300 },
  );
});

test("a megabyte of hostile input is read without running away", () => {
  const mega = (unit: string) => unit.repeat(Math.floor((1024 * 1024) / unit.length));
  for (const unit of [
    "<a>\n",
    "</a>\n",
    '"',
    "a \\\n",
    "\\",
    "<VirtualHost *:80>\nServerName a\n</VirtualHost>\n",
    "ProxyPass /a !\n",
    "RewriteEngine On\nRewriteCond a b [OR]\n",
    "<Location ~ (a+)+$>\n</Location>\n",
    `Define a \${a}\${a}x\n`,
    "<Proxy balancer://a>\n</Proxy>\n",
  ]) {
    const files = asFiles({ "/etc/apache2/apache2.conf": mega(unit) });
    assert.ok(
      apache.route?.(inputOf("apache", { "apache.config-files": files }), new URL("http://s/x")),
      unit,
    );
  }
  for (const unit of ["]: \n", "[Sat Nov 21 04:03:44.350908 2026] [a:e] x.c(\n", "[", '\\"', '" ']) {
    const text = mega(unit);
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf("\n", start);
      const end = newline < 0 ? text.length : newline;
      apache.errorLog?.messageStart(text, start, end);
      start = end + 1;
    }
    apache.accessLog?.details(`1 - - [21/Nov/2026:04:03:44 +0000] "${text}`, UTC);
    apache.errorLog?.details(`[Sat Nov 21 04:03:44.350908 2026] [a:error] [pid 1] (${text}`, UTC);
  }
});
