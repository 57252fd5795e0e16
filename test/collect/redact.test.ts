import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { redact } from "../../src/collect/redact.ts";

/** Put together here, so that no scanner takes this file for a leak. */
const join = (...parts: readonly string[]) => parts.join("");
const A36 = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6";

/** One line of exactly 80 characters, the last ones these. */
const full = (end: string) => `${"x".repeat(79 - end.length)} ${end}`;

const SECRETS: readonly (readonly [what: string, text: string, secret: string])[] = [
  ["an Authorization header", "> Authorization: Bearer abcdef0123456789", "abcdef0123456789"],
  [
    "a header that the proxy sets",
    'proxy_set_header Authorization "Basic dXNlcjpodW50ZXIy";',
    "dXNlcjpodW50ZXIy",
  ],
  ["a header in a curl argument", `curl -H 'X-Api-Key: k-778899' http://x/`, "k-778899"],
  ["a cookie", "Cookie: sid=abc; theme=dark", "sid=abc"],
  ["a set cookie", "< Set-Cookie: session=deadbeef; Path=/", "deadbeef"],
  ["a fastcgi password", "fastcgi_param PHP_AUTH_PW hunter2;", "hunter2"],
  ["a bearer token alone", `token sent: Bearer ${A36}`, A36],
  ["a JWT", `jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl`, "c2lnbmF0dXJl"],
  ["an AWS key id", join("id ", "AKIA", "IOSFODNN7EXAMPLE"), "IOSFODNN7"],
  ["an AWS secret", "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", "wJalr"],
  ["a Google key", join("AI", "za", A36.slice(0, 35)), A36.slice(0, 20)],
  ["a Slack token", join("xox", "b-1234567890-", A36), A36],
  ["a Slack webhook", join("https://hooks.slack.com/services/", "T000/B000/XXXXYYYYZZZZ"), "XXXXYYYYZZZZ"],
  ["a Discord webhook", join("https://discord.com/api/webhooks/", `123456789012345678/${A36}`), A36],
  ["a GitHub token", join("gh", "p_", A36), A36],
  ["an npm token", join("//registry/:_authToken=", "npm_", A36), A36],
  ["an OpenAI key", join("s", "k-proj-", A36), A36],
  ["a Stripe key", join("sk_", "live_", A36.slice(0, 24)), A36.slice(0, 24)],
  ["a Telegram token", join("bot", "123456789", ":AA", A36), A36],
  ["a Twilio secret", join("SK", "0123456789abcdef0123456789abcdef"), "0123456789abcdef"],
  ["a shadow line", "root:$6$saltsalt$abcdefghijklmnopqrstuvwxyz0123456789:19000:0:99999:7:::", "abcdefghij"],
  ["a password in a URL", "postgres://app:s3cr3t@db.internal:5432/shop", "s3cr3t"],
  ["a password with an @ in a URL", "redis://:p@ss@10.0.0.5:6379/0", "p@ss"],
  ["a signed query", "GET /f?file=a&sig=QmFzZTY0&x=1 HTTP/1.1", "QmFzZTY0"],
  ["an OAuth code", "GET /cb?code=abc123&state=xyz789 HTTP/1.1", "abc123"],
  ["a .env line with spaces", "DB_PASSWORD=correct horse; battery", "battery"],
  ["an exported variable", "export PGPASSWORD=hunter2", "hunter2"],
  ["a systemd environment", 'Environment="APP_SECRET=a b c" "PORT=8080"', "a b c"],
  ["YAML", "  password: hunter2", "hunter2"],
  ["YAML that sounds like a sentence", "  proxy-password: open the door", "open the door"],
  ["a password of digits", "password:12345", "12345"],
  ["JSON", '{"db":{"password":"hunter\\"2","host":"db1"}}', "hunter"],
  ["PHP define", "define( 'AUTH_SALT', 'x7!k' );", "x7!k"],
  ["a PHP array", "'password' => 'hunter2',", "hunter2"],
  [
    "a private key in JSON",
    '"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----\\n"',
    "MIIEvQ",
  ],
  ["a long option", "app --db-password=hunter2 --port 80", "hunter2"],
  ["a long option and a blank", "app --token hunter2 --port 80", "hunter2"],
  ["a mysql argument", "mysqldump -h db1 -uroot -phunter2 shop", "hunter2"],
  ["a curl login", "curl -s -u admin:hunter2 http://127.0.0.1/", "hunter2"],
  ["SQL", "CREATE USER a IDENTIFIED BY 'hunter2'", "hunter2"],
  ["redis configuration", "requirepass hunter2", "hunter2"],
  ["an Azure key", "DefaultEndpoints;AccountKey=QUJDREVG==;Suffix", "QUJDREVG"],
  ["a password in an escaped URL", "GET /go?to=redis%3A%2F%2Fapp%3Ahunter2%40db HTTP/1.1", "hunter2"],
  ["a password in JSON within JSON", '"{\\"password\\":\\"hunter2\\"}"', "hunter2"],
  ["a password in escaped HTML", "&quot;password&quot;:&quot;hunter2&quot;", "hunter2"],
  ["a password in base64", `data=${btoa('{"password":"hunter2","host":"db1"}')}`, "JodW50ZXIy"],
  ["a password in base64, in a path", `GET /data/${btoa("password=hunter2&x=1")}/x`, "aHVudGVyM"],
  ["a password in base64 of an escaped text", `data=${btoa("q=password%3Dhunter2%26x")}`, "h1bnRlcjI"],
  ["base64 of text that is not English", `data=${btoa("ort=M\u00fcnchen&password=hunter2")}`, "aHVudGVyM"],
  ["a random word beside a key word", `loaded signing key ${A36} from disk`, A36],
  ["a random word in quotes", `the client secret "${A36}" was refused`, A36],
  [
    "a key of which a log has only the end",
    join(`app[7]: ${A36}${A36}\napp[7]: ${A36}Zz\napp[7]: -----END RSA `, "PRIVATE KEY-----"),
    A36,
  ],
  ["a mail address", "mail to jane.doe@example.com failed", "jane.doe"],
  ["the client of an error line", "closed, client: 203.0.113.77, server: shop", "203.0.113.77"],
  ["the client of an Apache error line", "[client 203.0.113.77:51111] AH01114", "203.0.113.77"],
  ["an IPv6 client", "client: 2001:db8:1:2:3:4:5:6, server", "2:3:4:5:6"],
  [
    "the client of an access line",
    '203.0.113.77 - - [20/Nov/2026:03:12:01 +0000] "GET / HTTP/1.1" 502',
    "203.0.113.77",
  ],
  [
    "the client behind a syslog tag",
    "lb[812]: 203.0.113.77:5 [20/Nov/2026:03:12:01.1] fe be/s",
    "203.0.113.77",
  ],
];

for (const [what, text, secret] of SECRETS) {
  test(`${what} is redacted`, () => {
    const shown = redact(text);
    assert.ok(!shown.includes(secret), shown);
    assert.match(shown, /\[redacted:[a-z-]+\]/);
  });
}

const KEPT: readonly string[] = [
  "proxy_pass http://127.0.0.1:8080;",
  "fastcgi_pass unix:/run/php/php8.2-fpm.sock;",
  'auth_basic "Restricted"; auth_basic_user_file /etc/nginx/.htpasswd;',
  "ssl_certificate_key /etc/ssl/private/shop.key;",
  "proxy_set_header Authorization $http_authorization;",
  "proxy_cookie_path / /app; proxy_pass_header Set-Cookie;",
  "log_format main '$remote_addr \"$http_cookie\" $upstream_addr';",
  "server_tokens off; limit_req zone=token burst=5;",
  "cookie SERVERID insert indirect nocache",
  "PrivateTmp=yes\nPrivateDevices=no\nPWD=/srv/app",
  "Access denied for user 'app'@'10.0.0.3' (using password: YES)",
  'password authentication failed for user "app"',
  "pam_unix(sshd:auth): authentication failure",
  "php8.2-fpm@www.service getty@tty1.service user@1000.service",
  "root 812 nginx: worker process /usr/sbin/nginx -g daemon on; master_process on;",
  'connect() failed (111: Connection refused) while connecting to upstream, client: 10.1.2.3, upstream: "http://192.0.2.7:8080/"',
  "192.0.2.7 app1.example.com",
  'tcp LISTEN 0 511 192.0.2.7:443 users:(("nginx",pid=1,fd=6))',
  "GET /products?sort=key&page=2 HTTP/1.1",
  "Unexpected token < in JSON at position 0",
  "password_file=/run/secrets/db token_ttl=300",
  "DATABASE_URL=postgres://db.internal:5432/shop",
  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  "trace id 4bf92f3577b34da6a3ce929d0e0e4736 sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "DB_PASSWORD=$DB_PASSWORD",
  "dial tcp auth-api:8080: connect: connection refused",
  "proxy_pass http://auth-api:8080/; server token-service.internal:9000; http://token:8080/",
  "auth.service: Failed with result 'exit-code'.",
  "nginx-auth: worker process 812 exited on signal 9",
  "unix:/run/auth-api.sock: connect failed, auth_server = 10.0.0.1:9000",
  "SyntaxError: Unexpected token: punc (})",
  `request ${"0123456789abcdef".repeat(4)}, cache key ${"0123456789abcdef".repeat(4)}`,
  `the key /etc/ssl/private/2024/${A36}.pem cannot be read`,
  `GET /pictures/${btoa("a picture of a cat, nothing else")}.png HTTP/1.1`,
  "GET /search?q=100%25+wool&page=%22a%22 HTTP/1.1",
  "http://[2001:db8::1]:8080/ via 2001:db8::1",
];

for (const text of KEPT) {
  test(`what a diagnosis needs stays: ${text.slice(0, 60)}`, () => assert.equal(redact(text), text));
}

test("only the secret is cut out, and its kind is named", () => {
  assert.equal(
    redact("mysql://app:pw@db1:3306/x client: 203.0.113.7, a@b.example.org"),
    "mysql://app:[redacted:password]@db1:3306/x client: 203.0.113.[redacted:ip], [redacted:email]@b.example.org",
  );
});

test("of two secrets that overlap, nothing of either is left", () => {
  assert.equal(redact("x password=a://u:p;w@h y"), "x password=[redacted:secret]@h y");
});

test("a private key without an end is redacted to the end of the text", () => {
  assert.equal(redact("a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc"), "a\n[redacted:private-key]");
});

test("a private key without an end hides no more of a log than the longest key has", () => {
  const shown = redact(`-----BEGIN RSA PRIVATE KEY-----\n${"MIIE\n".repeat(5000)}upstream timed out`);
  assert.match(shown, /^\[redacted:private-key\][\s\S]*upstream timed out$/);
});

test("a private key whose line was cut hides nothing of the lines after it", () => {
  assert.equal(
    redact("-----BEGIN RSA PRIVATE KEY-----\\nMIIE […]\nupstream timed out"),
    "[redacted:private-key][…]\nupstream timed out",
  );
});

test("a secret that was broken because its line was full is redacted on both lines", () => {
  const [first, second] = [full("password=hunt"), "er22 and so on"];
  assert.equal(
    redact(`${first}\n${second}`),
    `${first.replace("hunt", "[redacted:secret]")}\n[redacted:secret] and so on`,
  );
});

for (const next of ["2026-11-20 12:00:00 ready", "Nov 20 12:00:00 app ready", "xxx ready", "er"]) {
  test(`a full line that ends in a secret takes nothing of a new record along: ${next}`, () => {
    const line = next === "er" ? full("password=hunt").slice(1) : full("password=hunt");
    assert.equal(redact(`${line}\n${next}`), `${line.replace("hunt", "[redacted:secret]")}\n${next}`);
  });
}

test("properties of a unit stay apart, however long the first one is", () => {
  const first = `Environment=${"x".repeat(80 - 24)}TOKEN=hunter`;
  assert.ok(redact(`${first}\nUnitFileState=enabled`).endsWith("\nUnitFileState=enabled"));
});

test("a secret is found within any surrounding text", () => {
  const around = fc.string({
    unit: fc.constantFrom(" ", "\n", "a", "=", '"', "'", ":", "İ", "/", "@", "["),
    maxLength: 40,
  });
  fc.assert(
    fc.property(around, around, (before, after) => {
      const key = join("gh", "p_", A36);
      assert.ok(!redact(`${before} ${key} ${after}`).includes(A36));
    }),
  );
});

test("redaction twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.constantFrom(...SECRETS.map(([, text]) => text)), (text) => {
      const once = redact(text);
      assert.equal(redact(once), once);
    }),
  );
});

const HOSTILE = [
  "pass",
  "token=",
  '"token":"',
  "cookie:",
  "eyJ",
  "eyJ.eyJ",
  "sk-",
  "://",
  "://a:",
  "://@",
  "@",
  "a@",
  "a.b@c.",
  "curl -u",
  "mysql -p",
  " [20/Nov/",
  "bearer ",
  "basic ",
  'response="',
  "-----BEGIN PRIVATE KEY-----",
  "Private-Lines:",
  "b3BlbnNzaC1rZXk",
  ":AA",
  "client: ",
  "password '",
  "identified by '",
  "auth,",
  "?key=&key=",
  "NOM",
  "[client 2001:",
  "%25",
  "%2525",
  "\\u005cu0041",
  "&#38;#38;",
  "QUJDREVGR0hJSktMTU5P ",
  "QUJDREVGR0hJSktMTU5P",
  "QUJDREVGR0hJSktMTU5P/",
  `${"a".repeat(80)}\n`,
  `${full("secret=a")}\n${full("b token=c")}\n`,
  "-----END PRIVATE KEY-----",
  `${"A".repeat(64)} -----END PRIVATE KEY-----\n`,
  "-----BEGIN PRIVATE KEY[…]\n",
  `secret ${"a1".repeat(20)} `,
  "signing key ",
  "eyJa..",
  "eyJa.b.c.d.",
  "set $api_token ",
  "<password>",
  '"cookie":["',
  "mysqli_connect('",
  "-----BEGIN PRIVATE KEY-----\nAb1\n",
];

test("a mebibyte of any hostile text is redacted; were it not linear, this would run for hours", {
  timeout: 120_000,
}, () => {
  for (const unit of HOSTILE) redact(unit.repeat(Math.ceil(1_048_576 / unit.length)));
});
