import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { nginx } from "../../../src/topology/parsers/nginx.ts";
import { asFiles, inputOf, inShort, routeOf } from "./parser-input.ts";

const DUMP = readFileSync(new URL("fixtures/nginx-dump.txt", import.meta.url), "utf8");

/** A main file around the inside of one `http` block, as a dump. */
function dumpOf(http: string, main = ""): string {
  return `# configuration file /etc/nginx/nginx.conf:\n${main}\nevents {}\nhttp {\n${http}\n}\n`;
}

function routeIn(http: string, url: string) {
  return routeOf(nginx, inputOf("nginx", { "nginx.config": dumpOf(http) }), url);
}

function shortIn(http: string, url: string): string {
  return inShort(routeIn(http, url).action);
}

test("a recorded Debian dump leads a WordPress page to its PHP pool", () => {
  const route = routeOf(nginx, inputOf("nginx", { "nginx.config": DUMP }), "https://shop.example.com/");
  assert.deepEqual(route.action, {
    kind: "pass",
    protocol: "fastcgi",
    members: [
      {
        label: "unix:/run/php/php8.2-fpm.sock",
        address: { kind: "unix", path: "/run/php/php8.2-fpm.sock" },
        backup: false,
        down: false,
        source: { file: "/etc/nginx/sites-enabled/shop", line: 27 },
      },
    ],
    source: { file: "/etc/nginx/sites-enabled/shop", line: 27 },
  });
  assert.equal(route.serverName, "shop.example.com");
  assert.equal(route.byDefault, false);
  assert.deepEqual(route.source, { file: "/etc/nginx/sites-enabled/shop", line: 9 });
  assert.equal(route.location, "location ~ \\.php$");
  assert.deepEqual(route.errorLogs, [{ kind: "file", path: "/var/log/nginx/shop.error.log" }]);
  assert.equal(
    route.accessLogs[0]?.kind === "file" && route.accessLogs[0].path,
    "/var/log/nginx/shop.access.log",
  );
  assert.match(
    (route.accessLogs[0]?.kind === "file" && route.accessLogs[0].format) || "",
    /^\$remote_addr .* ua="\$upstream_addr"$/,
  );
  assert.equal(route.settings.readTimeoutMs, 120_000);
  assert.equal(route.settings.headerBufferBytes, 16_384);
  assert.equal(route.settings.maxConnections, 768);
  assert.equal(route.workerUser, "www-data");
  assert.match(route.notes.join("\n"), /location \/ → \/index\.php/);
});

test("a recorded Debian dump leads every other URL where nginx leads it", () => {
  const input = inputOf("nginx", { "nginx.config": DUMP });
  const expected: Readonly<Record<string, string>> = {
    "https://shop.example.com/cart/checkout?x=1": "fastcgi unix:/run/php/php8.2-fpm.sock",
    "https://shop.example.com/wp-admin/": "fastcgi unix:/run/php/php8.2-fpm.sock",
    "https://shop.example.com/app.css": "- files below /var/www/shop",
    "http://www.shop.example.com/x": "301 return 301 https://shop.example.com/x",
    "https://api.example.com/v1/orders":
      "http 10.0.0.11:3000 10.0.0.12:3000 unix:/run/app/app.sock(backup) 10.0.0.13:3000(down)",
    "https://eu.beta.example.com/": "http 127.0.0.1:3100",
    "https://api.example.com/socket/1": "https 10.0.0.20:8443",
    "http://unknown.example.com/": "- files below /var/www/html",
  };
  const seen = Object.fromEntries(
    Object.keys(expected).map((url) => [url, inShort(routeOf(nginx, input, url).action)]),
  );
  assert.deepEqual(seen, expected);
});

test("settings of a TLS upstream say what is verified and sent", () => {
  const { settings } = routeOf(
    nginx,
    inputOf("nginx", { "nginx.config": DUMP }),
    "https://api.example.com/socket/1",
  );
  assert.equal(settings.verifiesCertificate, true);
  assert.equal(settings.sniName, "10.0.0.20");
  assert.equal(settings.trustedCertificateFile, "/etc/ssl/shop/cert.pem");
  assert.equal(settings.readTimeoutMs, 3_600_000);
  const group = routeOf(nginx, inputOf("nginx", { "nginx.config": DUMP }), "https://api.example.com/");
  assert.equal(group.settings.reusesConnections, true);
  assert.equal(group.settings.balancerRetryMs, 30_000);
  assert.equal(group.settings.connectTimeoutMs, 5000);
  assert.equal(group.settings.sendTimeoutMs, 60_000);
});

test("without a dump the files are read and their includes resolved", () => {
  const files = asFiles({
    "/etc/nginx/nginx.conf": "events {}\nhttp {\n include sites-enabled/*;\n include missing.conf;\n}",
    "/etc/nginx/sites-enabled/a": "server { listen 80; server_name a.test; include snippets/pass.conf; }",
    "/etc/nginx/sites-enabled/.hidden": "server { listen 80; server_name hidden.test; }",
    "/etc/nginx/snippets/pass.conf": "location / {\n proxy_pass http://127.0.0.1:9001;\n}",
  });
  const route = routeOf(
    nginx,
    inputOf("nginx", { "nginx.config": "", "nginx.config-files": files }),
    "http://a.test/",
  );
  assert.equal(inShort(route.action), "http 127.0.0.1:9001");
  assert.deepEqual(route.action.source, { file: "/etc/nginx/snippets/pass.conf", line: 2 });
  assert.match(route.notes.join("\n"), /missing\.conf, which was not among the files read/);
  assert.equal(
    routeOf(nginx, inputOf("nginx", { "nginx.config-files": files }), "http://hidden.test/").byDefault,
    true,
  );
});

test("of a nginx that was started with another file, that file is read and not what nginx would read by itself", () => {
  const started = (path: string) => [
    {
      pid: 700,
      ppid: 1,
      user: "root",
      ageSeconds: 60,
      state: "S",
      rssKiB: 900,
      comm: "nginx",
      args: `nginx: master process /usr/sbin/nginx -c ${path}`,
    },
  ];
  const usual = dumpOf("server { listen 80; server_name a.test; return 200 usual; }");
  const files = asFiles({
    "/etc/nginx/nginx.conf": "http { server { listen 80; server_name a.test; return 200 usual; } }",
    "/etc/nginx/other.conf":
      "http { server { listen 80; location / { proxy_pass http://127.0.0.1:9001; } } }",
  });
  const outputs = { "nginx.config": usual, "nginx.config-files": files };
  const actionOf = (path: string) => {
    const input = inputOf("nginx", outputs, { processes: started(path) });
    return inShort(routeOf(nginx, input, "http://a.test/").action);
  };
  assert.equal(actionOf("/etc/nginx/other.conf"), "http 127.0.0.1:9001");
  assert.equal(actionOf("/etc/nginx/nginx.conf"), "200 return 200 usual");
  assert.deepEqual(
    nginx.route?.(
      inputOf("nginx", outputs, { processes: started("/srv/own.conf") }),
      new URL("http://a.test/"),
    ),
    { route: null, why: "nginx was started with -c /srv/own.conf, which was not among the files read" },
  );
});

test("a configuration nginx refuses says why", () => {
  for (const output of [
    'nginx: [emerg] unknown directive "prxy_pass" in /etc/nginx/sites-enabled/shop:7\nnginx: configuration file /etc/nginx/nginx.conf test failed\n',
    '2026/11/20 03:12:09 [emerg] 1#1: unknown directive "prxy_pass" in /etc/nginx/sites-enabled/shop:7\n',
  ]) {
    const result = nginx.route?.(inputOf("nginx", { "nginx.config": output }), new URL("http://shop/"));
    assert.deepEqual(result, {
      route: null,
      why: 'nginx refuses this configuration: unknown directive "prxy_pass" in /etc/nginx/sites-enabled/shop:7',
    });
  }
});

const NAMES = `
  server { listen 80; server_name a.test; return 200 a; }
  server { listen 80; server_name *.test; return 200 wild; }
  server { listen 80; server_name *.sub.test; return 200 longer; }
  server { listen 80; server_name mail.*; return 200 trailing; }
  server { listen 80; server_name ~^(?<user>[a-z]+)\\.pages\\.dev$; location / { proxy_pass http://$user.internal:8080; } }
  server { listen 80 default_server; server_name _; return 200 default; }
  server { listen 81; server_name other; return 200 81; }
  server { listen 81; return 200 second; }
  server { listen 127.0.0.1:82; server_name .dot.test; return 200 dot; }
`;

test("the server block is chosen by nginx's own order of names", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["http://a.test/", "200 return 200 a"],
    ["http://A.TEST./", "200 return 200 a"],
    ["http://b.test/", "200 return 200 wild"],
    ["http://x.sub.test/", "200 return 200 longer"],
    ["http://mail.org/", "200 return 200 trailing"],
    ["http://mail.test/", "200 return 200 wild"],
    ["http://ann.pages.dev/", "http ann.internal:8080"],
    ["http://nobody.org/", "200 return 200 default"],
    ["http://nobody.org:81/", "200 return 200 81"],
    ["http://dot.test:82/", "200 return 200 dot"],
    ["http://www.dot.test:82/", "200 return 200 dot"],
  ];
  for (const [url, expected] of cases) assert.equal(shortIn(NAMES, url), expected, url);
  assert.equal(routeIn(NAMES, "http://nobody.org/").byDefault, true);
});

test("a name nginx only has on another port is used when TLS ends in front of nginx, and it says so", () => {
  const route = routeIn(NAMES, "https://a.test/");
  assert.equal(route.serverName, "a.test");
  assert.match(route.notes.join("\n"), /another port is used/);
});

test("no server block on the port is a reason, not a guess", () => {
  const result = nginx.route?.(
    inputOf("nginx", { "nginx.config": dumpOf(NAMES) }),
    new URL("http://zzz.org:9999/"),
  );
  assert.deepEqual(result, { route: null, why: "nginx has no server block that listens on port 9999." });
});

const LOCATIONS = `server { listen 80; server_name s; root /srv;
  location = /exact { return 200 exact; }
  location / { return 200 root; }
  location /docs/ { return 200 docs; location /docs/deep { return 200 deep; } location ~ \\.pdf$ { return 200 nested-pdf; } }
  location ^~ /static/ { return 200 static; }
  location ~* \\.(gif|jpg)$ { return 200 image; }
  location ~ ^/static/.*\\.jpg$ { return 200 never; }
  location ~ ^/look(?!ahead) { return 200 lookahead; }
  location /app/ { proxy_pass http://127.0.0.1:1; }
  location "/with space" { return 200 space; }
}`;

test("the location is chosen by nginx's own order", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["http://s/exact", "exact"],
    ["http://s/exact/", "root"],
    ["http://s/docs/a", "docs"],
    ["http://s/docs/deeper", "deep"],
    ["http://s/docs/a.pdf", "nested-pdf"],
    ["http://s/docs/a.GIF", "image"],
    ["http://s/static/a.jpg", "static"],
    ["http://s//static//a.jpg", "static"],
    ["http://s/with%20space", "space"],
    ["http://s/lookup", "root"],
  ];
  for (const [url, expected] of cases)
    assert.equal(shortIn(LOCATIONS, url), `200 return 200 ${expected}`, url);
  assert.equal(shortIn(LOCATIONS, "http://s/app"), "301 redirects to /app/");
  assert.match(
    routeIn(LOCATIONS, "http://s/lookup").notes.join("\n"),
    /look\(\?!ahead\).* cannot be evaluated here/,
  );
});

test("internal redirects are followed to the upstream they end at", () => {
  const php = "location ~ \\.php$ { fastcgi_pass 127.0.0.1:9000; }";
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "a named fallback",
      "location / { try_files $uri @app; } location @app { proxy_pass http://127.0.0.1:3000; }",
      "http 127.0.0.1:3000",
    ],
    [
      "an index file",
      `index index.html index.php; location / { try_files $uri $uri/ =404; } ${php}`,
      "fastcgi 127.0.0.1:9000",
    ],
    [
      "rewrite … last",
      `location / { rewrite ^/(.*)$ /index.php?q=$1 last; } ${php}`,
      "fastcgi 127.0.0.1:9000",
    ],
    [
      "a front controller without try_files",
      `location / { if (!-e $request_filename) { rewrite ^ /index.php last; } } ${php}`,
      "fastcgi 127.0.0.1:9000",
    ],
    [
      "error_page as a handler",
      "location / { root /srv; error_page 404 = @app; } location @app { uwsgi_pass unix:/run/u.sock; }",
      "uwsgi unix:/run/u.sock",
    ],
    [
      "return through error_page",
      "location / { error_page 418 = @app; return 418; } location @app { grpc_pass grpcs://h:1; }",
      "grpcs h:1",
    ],
    ["a rewrite of the server block", `rewrite ^/$ /start.php; ${php}`, "fastcgi 127.0.0.1:9000"],
    [
      "a fallback that leads to itself",
      "location / { try_files $uri /index.html; } root /srv;",
      "- files below /srv",
    ],
    [
      "a redirect",
      "if ($scheme = http) { return 301 https://$host$request_uri; }",
      "301 return 301 https://s/",
    ],
  ];
  for (const [what, block, expected] of cases) {
    assert.equal(shortIn(`server { listen 80; server_name s; ${block} }`, "http://s/"), expected, what);
  }
});

test("a redirect loop ends as nginx ends it", () => {
  const block = "location / { rewrite ^ /b/x last; } location /b/ { rewrite ^ /a/x last; }";
  assert.match(shortIn(`server { listen 80; ${block} }`, "http://s/"), /^500 /);
});

test("variables of proxy_pass are resolved where a request from outside decides them", () => {
  const maps = `
    map $host $pool { default fallback:80; ~^(?<env>[a-z]+)-api\\.test$ $env-pool:81; }
    map $cookie_canary $canary { default stable:1; yes canary:1; }
    geo $remote $zone { default near:1; 10.0.0.0/8 far:1; }
    map $a $b { default $b$b; }
  `;
  const cases: readonly (readonly [string, string, string])[] = [
    ["http://qa-api.test/", "http://$pool", "http qa-pool:81"],
    ["http://zzz/", "http://$pool", "http fallback:80"],
    ["http://zzz/", "http://$canary", "http stable:1"],
    ["http://zzz/?to=x", "http://$arg_to.internal:5", "http x.internal:5"],
    ["http://zzz/", "http://$zone", "? http://$zone"],
    ["http://zzz/", "http://$b", "? http://$b"],
    ["http://zzz/", "http://[::1]:3000/sub/", "http ::1:3000"],
    ["http://zzz/", "https://app", "https app:443"],
    ["http://zzz/", "http://unix:/run/a.sock:/x/", "http unix:/run/a.sock"],
  ];
  for (const [url, pass, expected] of cases) {
    assert.equal(
      shortIn(`${maps} server { listen 80; location / { proxy_pass ${pass}; } }`, url),
      expected,
      pass,
    );
  }
  const unknown = routeIn(
    `${maps} server { listen 80; location / { proxy_pass http://$zone; } }`,
    "http://zzz/",
  );
  assert.match((unknown.action.kind === "unresolved" && unknown.action.why) || "", /near:1, far:1/);
});

test("a name in proxy_pass is marked as looked up once, one in a variable as looked up again", () => {
  const lookups = ["http://app.internal", "http://$host", "http://10.0.0.1"].map((pass) => {
    const { action } = routeIn(`server { listen 80; location / { proxy_pass ${pass}; } }`, "http://s.test/");
    return action.kind === "pass" ? action.members[0]?.lookup : action.kind;
  });
  assert.deepEqual(lookups, ["at-start", "at-run-time", undefined]);
});

test("logs are inherited level by level and keep their kind", () => {
  const block = (inner: string) =>
    `error_log /var/log/nginx/http.log; access_log /a.log; access_log syslog:server=unix:/dev/log,tag=web json;
     log_format json escape=json '{"s":$status,' '"h":"$host"}';
     server { listen 80; server_name s; ${inner} location / { proxy_pass http://127.0.0.1:1; } }`;
  const all = routeIn(block(""), "http://s/");
  assert.deepEqual(all.errorLogs, [{ kind: "file", path: "/var/log/nginx/http.log" }]);
  assert.deepEqual(all.accessLogs, [
    { kind: "file", path: "/a.log" },
    { kind: "syslog", tag: "web" },
  ]);
  const own = routeIn(block("error_log stderr; error_log logs/$host.log crit; access_log off;"), "http://s/");
  assert.deepEqual(own.errorLogs, [
    { kind: "journal", unit: "nginx.service" },
    { kind: "file", path: "/usr/share/nginx/logs/s.log" },
  ]);
  assert.deepEqual(own.accessLogs, [{ kind: "off" }]);
  assert.match(own.notes.join("\n"), /level crit: most upstream errors are not written/);
  const formatted = routeIn(block("access_log /j.log json;"), "http://s/");
  assert.deepEqual(formatted.accessLogs, [
    { kind: "file", path: "/j.log", format: '{"s":$status,"h":"$host"}' },
  ]);
  const none = routeIn("server { listen 80; location / { proxy_pass http://127.0.0.1:1; } }", "http://s/");
  assert.deepEqual(none.errorLogs, [{ kind: "file", path: "/var/log/nginx/error.log" }]);
  assert.deepEqual(none.accessLogs, [{ kind: "file", path: "/var/log/nginx/access.log" }]);
});

test("connections are reused by default from nginx 1.29.7 on", () => {
  const http =
    "upstream u { server 10.0.0.1; server 10.0.0.2; } server { listen 80; location / { proxy_pass http://u; } }";
  const reuses = ["1.22.1", "1.29.7"].map((version) => {
    const input = inputOf("nginx", {
      "nginx.config": dumpOf(http),
      "nginx.version": `nginx version: nginx/${version}\n`,
    });
    const route = routeOf(nginx, input, "http://s/");
    assert.equal(route.version, version);
    return route.settings.reusesConnections;
  });
  assert.deepEqual(reuses, [false, true]);
});

test("a stream block that takes the port is a plain TCP hop", () => {
  const dump = `# configuration file /etc/nginx/nginx.conf:
events {}
stream { map $ssl_preread_server_name $to { a.test 10.0.0.5:443; default 127.0.0.1:8443; }
  server { listen 443; ssl_preread on; proxy_pass $to; } }
http { server { listen 80; server_name a.test; return 301 https://$host/; } }`;
  const input = inputOf("nginx", { "nginx.config": dump });
  assert.equal(inShort(routeOf(nginx, input, "https://b.test/").action), "tcp 127.0.0.1:8443");
  assert.equal(inShort(routeOf(nginx, input, "http://a.test/").action), "301 return 301 https://a.test/");
});

test("quotes, escapes, comments and Lua blocks are read as nginx reads them", () => {
  const http = `server { listen 80; # server_name wrong;
    server_name 'quo"ted' "s.test"; set $x "a\\"b;{}";
    location / { access_by_lua_block { -- a } in a comment
      if x == "}" then return { y = [[ } ]] } end }
      proxy_pass http://127.0.0.1:7; } }`;
  const route = routeIn(http, "http://s.test/");
  assert.deepEqual(route.serverNames, ['quo"ted', "s.test"]);
  assert.equal(inShort(route.action), "http 127.0.0.1:7");
  assert.equal(route.action.source.line, 8);
});

const hasNginx = spawnSync("nginx", ["-v"]).status === 0;

test("the dump of the real binary gives the same answer as the files it read", {
  skip: !hasNginx && "nginx is not installed",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-route-"));
  try {
    const files: Readonly<Record<string, string>> = {
      "nginx.conf": `pid ${folder}/n.pid; error_log ${folder}/e.log;\nevents {}\nhttp { access_log ${folder}/a.log; include conf.d/*.conf; }\n`,
      "conf.d/site.conf":
        "upstream app { server 127.0.0.1:3000; server 127.0.0.1:3001 backup; }\nserver {\n  listen 8099;\n  server_name site.test;\n  location / {\n    proxy_pass http://app;\n  }\n}\n",
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const dump = execFileSync("nginx", ["-T", "-q", "-c", join(folder, "nginx.conf"), "-p", folder], {
      encoding: "utf8",
      stdio: "pipe",
    });
    const listing = asFiles(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [join(folder, name), text])),
    );
    const fromDump = routeOf(nginx, inputOf("nginx", { "nginx.config": dump }), "http://site.test:8099/x");
    const fromFiles = routeOf(
      nginx,
      inputOf("nginx", { "nginx.config-files": listing }),
      "http://site.test:8099/x",
    );
    assert.equal(inShort(fromDump.action), "http 127.0.0.1:3000 127.0.0.1:3001(backup)");
    assert.deepEqual(fromDump.source, { file: join(folder, "conf.d/site.conf"), line: 2 });
    assert.deepEqual({ ...fromFiles, notes: [] }, { ...fromDump, notes: [] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("no configuration text makes the parser throw", () => {
  const word = fc.constantFrom(
    "server",
    "{",
    "}",
    ";",
    "listen 80",
    "location /",
    "if ($x = y)",
    "rewrite ^(.*)$ $1",
    "set $a $a$a",
    "map $a $a",
    "include *;",
    '"',
    "'",
    "\\",
    "#",
    "proxy_pass http://$a",
    "try_files $uri @x",
    "error_page 404 = @x",
    "\n",
    "http {",
    "upstream u",
    "~(",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(word, fc.string({ maxLength: 12 })), { maxLength: 60 }),
      fc.webUrl(),
      (words, url) => {
        const dump = `# configuration file /etc/nginx/nginx.conf:\nhttp { server { ${words.join(" ")}`;
        nginx.route?.(
          inputOf("nginx", { "nginx.config": dump, "nginx.config-files": `# file /x/nginx.conf\n${dump}` }),
          new URL(url),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("a megabyte of hostile configuration is read without running away", () => {
  for (const unit of [
    "{",
    "a{",
    '"',
    "\\",
    "${",
    "server{listen 80;}",
    "server_name a;",
    "location ~ (a+)+$ {}",
  ]) {
    const body = unit.repeat(Math.floor((1024 * 1024) / unit.length));
    const result = nginx.route?.(
      inputOf("nginx", { "nginx.config": dumpOf(`server { ${body}`) }),
      new URL("http://s/"),
    );
    assert.ok(result, unit);
  }
});
