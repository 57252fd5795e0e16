import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/config/config-error.ts";
import { parseConfig } from "../../src/config/parse-config.ts";

const FINGERPRINT = `SHA256:${"a".repeat(43)}`;

const FILE = "/etc/d5/diagnose502.yaml";

function parse(text: string) {
  return parseConfig(text, { file: FILE, home: "/home/ada" });
}

/** What the operator is told, without the directory. */
function problems(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split("\n").map((line) => line.replace("/etc/d5/", ""));
  }
  return [];
}

test("a full config is read as it is meant", () => {
  const config = parse(`
hosts:
  edge-1:   { address: 192.0.2.10, user: diag, hostKey: "${FINGERPRINT}", port: 2222 }
  origin-1: { address: "2001:db8::1", jump: edge-1, identityFile: [~/.ssh/a, keys/b], passphrase: { file: pass } }
  web:      { local: true }
  alias:
sites:
  shop:
    url: https://shop.example.com
    proxy: edge-1
    upstream: [origin-1, "diag@192.0.2.30:2200"]
    edge: cloudflare
    service: { systemd: php8.2-fpm }
    dependencies: [{ kind: mariadb, host: origin-1 }]
    approvers: { slack: [U12, S34], discord: ["role:123456789012345678"], console: [ada] }
    approval: { selfApproval: false, approvals: 2, expireAfter: 30m }
    restart: { resetStartBudget: true, coolDown: 1h, soak: 90s }
    channel: { slack: C12, discord: "123456789012345678" }
  blog: { url: "http://blog.example.com/x", proxy: [web], service: { compose: { project: p, service: s } } }
chat:
  slack: { channel: C99 }
  discord: { guild: "123456789012345678" }
alerts:
  am: { mapping: alertmanager, token: { env: AM_TOKEN } }
  own: { mapping: ./own.yaml, hmac: { file: own.key }, site: shop }
web: { listen: "127.0.0.1:9000", publicUrl: "https://bot.example.com" }
model: { name: llama, key: { env: MODEL_KEY } }
neverRestart: [billing]
`);
  assert.deepEqual(config, {
    file: "/etc/d5/diagnose502.yaml",
    hosts: [
      {
        kind: "ssh",
        name: "edge-1",
        address: "192.0.2.10",
        user: "diag",
        hostKey: FINGERPRINT,
        port: 2222,
        identityFiles: [],
      },
      {
        kind: "ssh",
        name: "origin-1",
        address: "2001:db8::1",
        jump: "edge-1",
        identityFiles: ["/home/ada/.ssh/a", "/etc/d5/keys/b"],
        passphrase: { file: "/etc/d5/pass", place: `${FILE}:4:87: hosts.origin-1.passphrase` },
      },
      { kind: "local", name: "web" },
      { kind: "ssh", name: "alias", address: "alias", identityFiles: [] },
    ],
    sites: [
      {
        name: "shop",
        url: "https://shop.example.com/",
        proxies: ["edge-1"],
        upstreams: ["origin-1", "diag@192.0.2.30:2200"],
        edge: "cloudflare",
        service: { kind: "systemd", unit: "php8.2-fpm.service" },
        dependencies: [{ kind: "mariadb", host: "origin-1" }],
        approvers: { slack: ["U12", "S34"], discord: ["role:123456789012345678"], console: ["ada"] },
        approval: { selfApproval: false, approvals: 2, expireAfterMs: 1_800_000 },
        restart: { resetStartBudget: true, coolDownMs: 3_600_000, soakMs: 90_000 },
        channel: { slack: "C12", discord: "123456789012345678" },
      },
      {
        name: "blog",
        url: "http://blog.example.com/x",
        proxies: ["web"],
        upstreams: [],
        service: { kind: "compose", project: "p", service: "s" },
        dependencies: [],
        approvers: { slack: [], discord: [], console: [] },
        approval: { selfApproval: true, approvals: 1, expireAfterMs: 900_000 },
        restart: { resetStartBudget: false, coolDownMs: 600_000, soakMs: 30_000 },
        channel: {},
      },
    ],
    chat: { slack: { channel: "C99" }, discord: { guild: "123456789012345678" } },
    alerts: [
      {
        name: "am",
        mapping: "alertmanager",
        proof: { kind: "token", token: { env: "AM_TOKEN", place: `${FILE}:24:32: alerts.am.token` } },
        places: { mapping: `${FILE}:24:18: alerts.am.mapping`, proof: `${FILE}:24:32: alerts.am.token` },
      },
      {
        name: "own",
        mapping: "/etc/d5/own.yaml",
        proof: { kind: "hmac", key: { file: "/etc/d5/own.key", place: `${FILE}:25:31: alerts.own.hmac` } },
        site: "shop",
        places: { mapping: `${FILE}:25:19: alerts.own.mapping`, proof: `${FILE}:25:31: alerts.own.hmac` },
      },
    ],
    web: { listen: { address: "127.0.0.1", port: 9000 }, publicUrl: "https://bot.example.com" },
    model: {
      name: "llama",
      requestsPerDay: 200,
      showHostNames: false,
      key: { env: "MODEL_KEY", place: `${FILE}:27:23: model.key` },
    },
    neverRestart: ["billing.service"],
  });
});

test("a config may hold nothing at all", () => {
  assert.deepEqual(parse("{}").sites, []);
});

const HOST = "hosts:\n  web: { address: 192.0.2.1 }\n";
const SITE = `${HOST}sites:\n  shop:\n    url: https://shop.example.com/\n    proxy: web\n`;

for (const { what, text, told } of [
  {
    what: "a typo in a key",
    text: "hosts:\n  web:\n    addres: 192.0.2.1\n",
    told: 'diagnose502.yaml:3:5: hosts.web: unknown key "addres" (did you mean "address"?); allowed: address, port, user, identityFile, hostKey, jump, passphrase, local',
  },
  {
    what: "a key that is like none",
    text: `${SITE}    zzzzzz: 1\n`,
    told: 'diagnose502.yaml:7:5: sites.shop: unknown key "zzzzzz"; allowed: url, proxy, upstream, edge, service, dependencies, approvers, approval, restart, channel',
  },
  {
    what: "a missing key",
    text: `${HOST}sites:\n  shop: { proxy: web }\n`,
    told: "diagnose502.yaml:4:3: sites.shop.url: is missing",
  },
  {
    what: "a URL with a password",
    text: `${HOST}sites:\n  shop: { url: "https://a:hunter2@shop.example.com/", proxy: web }\n`,
    told: "diagnose502.yaml:4:16: sites.shop.url: is not a URL such as https://shop.example.com/ (http or https, without user name or password)",
  },
  ...[
    "https://bot.example.com/diag",
    "https://bot.example.com/?a=1",
    "https://bot.example.com/#a",
    "bot.example.com",
  ].map((url) => ({
    what: `${url} as the address of the bot`,
    text: `web: { publicUrl: "${url}" }\n`,
    told: "diagnose502.yaml:1:19: web.publicUrl: is not an address alone, such as https://bot.example.com (http or https; no path, query or fragment)",
  })),
  {
    what: "a Slack name in place of an id",
    text: `${SITE}    approvers: { slack: ["@ada"] }\n`,
    told: "diagnose502.yaml:7:26: sites.shop.approvers.slack.0: is not the id of a Slack user (U…, W…) or user group (S…); names are not accepted",
  },
  {
    what: "two approvals that only one person could give",
    text: `${SITE}    approvers: { slack: [U12] }\n    approval: { approvals: 2 }\n`,
    told: "diagnose502.yaml:8:5: sites.shop.approval: needs 2 approvals, but only 1 person may approve",
  },
  {
    what: "an approval that never expires",
    text: `${SITE}    approval: { expireAfter: 3h }\n`,
    told: 'diagnose502.yaml:7:30: sites.shop.approval.expireAfter: is not a time from 1m to 60m, such as "10m"',
  },
  {
    what: "a sender of alerts without proof",
    text: "alerts: { am: { mapping: alertmanager } }\n",
    told: "diagnose502.yaml:1:11: alerts.am: needs exactly one proof of its sender: token, basic, header or hmac",
  },
  {
    what: "alerts about a site that is not there",
    text: `${SITE}alerts: { am: { mapping: alertmanager, token: { env: T }, site: shp } }\n`,
    told: 'diagnose502.yaml:7:65: alerts.am.site: no site "shp" under sites (did you mean "shop"?)',
  },
  {
    what: "a port as text",
    text: 'hosts:\n  web: { port: "22" }\n',
    told: "diagnose502.yaml:2:16: hosts.web.port: must be a number, not text",
  },
  {
    what: "a port out of range",
    text: "hosts:\n  web: { port: 65536 }\n",
    told: "diagnose502.yaml:2:16: hosts.web.port: is not a port (1 to 65535)",
  },
  {
    what: "an id that YAML takes for a number",
    text: `${SITE}    channel: { discord: 123456789012345678 }\n`,
    told: "diagnose502.yaml:7:25: sites.shop.channel.discord: must be text, not a number; put it in quotes",
  },
  {
    what: "a proxy that is a number",
    text: `${HOST}sites:\n  shop: { url: "https://x.example/", proxy: 5 }\n`,
    told: "diagnose502.yaml:4:45: sites.shop.proxy.0: must be text, not a number; put it in quotes",
  },
  {
    what: "no proxy in the list",
    text: `${HOST}sites:\n  shop: { url: "https://x.example/", proxy: [] }\n`,
    told: "diagnose502.yaml:4:38: sites.shop.proxy: must not be an empty list",
  },
  {
    what: "a host nobody declared",
    text: `${HOST}sites:\n  shop: { url: "https://x.example/", proxy: [web, wbe] }\n`,
    told: 'diagnose502.yaml:4:51: sites.shop.proxy.1: no host "wbe" under hosts (did you mean "web"?); known: web',
  },
  {
    what: "an option in the place of a host",
    text: `${HOST}sites:\n  shop: { url: "https://x.example/", proxy: "a@-oProxyCommand=x" }\n`,
    told: 'diagnose502.yaml:4:45: sites.shop.proxy.0: "-oProxyCommand=x" is not a host name or address; expected a name under hosts, or user@host[:port]',
  },
  {
    what: "a dependency's host nobody declared",
    text: `${SITE}    dependencies: [{ kind: redis, host: db }]\n`,
    told: 'diagnose502.yaml:7:41: sites.shop.dependencies.0.host: no host "db" under hosts; known: web',
  },
  {
    what: "a jump nobody declared",
    text: "hosts:\n  web: { jump: bastion }\n  bastoin: {}\n",
    told: 'diagnose502.yaml:2:16: hosts.web.jump: no host "bastion" under hosts (did you mean "bastoin"?); known: web, bastoin',
  },
  {
    what: "this machine with more keys",
    text: "hosts:\n  web: { local: true, user: ada }\n",
    told: "diagnose502.yaml:2:3: hosts.web: is this machine (local: true): nothing else can be set",
  },
  ...["all", "7", "ecosystem.config.js"].map((app) => ({
    what: `${app} as a PM2 app`,
    text: `${SITE}    service: { pm2: { app: "${app}", user: deploy } }\n`,
    told: "diagnose502.yaml:7:28: sites.shop.service.pm2.app: is not a name: letters, digits, `.`, `_` or `-`; nor `all`, a number or a file, which may be other apps",
  })),
  ...["all", "shop:*"].map((program) => ({
    what: `${program} as a supervisord program`,
    text: `${SITE}    service: { supervisor: "${program}" }\n`,
    told: "diagnose502.yaml:7:28: sites.shop.service.supervisor: is not a name: letters, digits, `.`, `_` or `-`; nor `all`, which is every program",
  })),
  {
    what: "two services",
    text: `${SITE}    service: { pm2: a, docker: b }\n`,
    told: "diagnose502.yaml:7:5: sites.shop.service: needs exactly one of systemd, pm2, compose, docker, supervisor",
  },
  {
    what: "a unit that is none",
    text: `${SITE}    service: { systemd: "php; reboot" }\n`,
    told: "diagnose502.yaml:7:25: sites.shop.service.systemd: is not a systemd service or socket unit",
  },
  {
    what: "an MD5 fingerprint",
    text: 'hosts:\n  web: { hostKey: "MD5:aa:bb" }\n',
    told: 'diagnose502.yaml:2:19: hosts.web.hostKey: is not a fingerprint such as "SHA256:" and 43 characters; on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
  },
  {
    what: "a name with a space",
    text: "hosts:\n  we b: {}\n",
    told: "diagnose502.yaml:2:3: hosts.we b: is not a name: up to 63 letters, digits, `.`, `_` or `-`, beginning with a letter or digit",
  },
  {
    what: "a key given twice",
    text: "hosts: {}\nhosts: {}\n",
    told: "diagnose502.yaml:2:1: the key hosts is there twice",
  },
  {
    what: "a key that means something to JavaScript",
    text: "hosts:\n  __proto__: {}\n",
    told: "diagnose502.yaml:2:3: the key __proto__ is not accepted",
  },
  {
    what: "a tag",
    text: "hosts: !!map {}\n",
    told: "diagnose502.yaml:1:14: tags (!…) are not accepted; a value that begins so needs quotes",
  },
  {
    what: "a list",
    text: "- a\n",
    told: "diagnose502.yaml:1:1: must be a map of keys, not a list; allowed: hosts, sites, chat, alerts, web, model, neverRestart",
  },
  {
    what: "an empty file",
    text: "",
    told: "diagnose502.yaml:1:1: must be a map of keys, not nothing; allowed: hosts, sites, chat, alerts, web, model, neverRestart",
  },
  {
    what: "a service by its bare name",
    text: `${SITE}    service: php8.2-fpm\n`,
    told: "diagnose502.yaml:7:14: sites.shop.service: must be a map of keys, not text, such as { systemd: php8.2-fpm }",
  },
  {
    what: "a dependency by its bare name",
    text: `${SITE}    dependencies: [mariadb]\n`,
    told: "diagnose502.yaml:7:20: sites.shop.dependencies.0: must be a map of keys, not text, such as { kind: PLAYBOOK, host: origin-1 }",
  },
  ...["help", "list", "status"].map((name) => ({
    what: `a site that is called ${name}`,
    text: `${HOST}sites:\n  ${name}: { url: "https://x.example/", proxy: web }\n`,
    told: `diagnose502.yaml:4:3: sites.${name}: is what a command is called (/diagnose502 help, list, status): give the site another name`,
  })),
  ...["http://models.example.com/v1", "http://203.0.113.9/v1"].map((url) => ({
    what: `the model at ${url}`,
    text: `model: { name: m, baseUrl: "${url}" }\n`,
    told: "diagnose502.yaml:1:28: model.baseUrl: is not reached by https: evidence is sent there; use https, or a model in your own network (http://localhost:11434/v1)",
  })),
]) {
  test(`${what} is named with its line, column and path`, () => {
    const [first] = problems(text);
    assert.equal(first, told);
  });
}

test("evidence goes to a model encrypted, or stays in one's own network", () => {
  for (const url of [
    "https://models.example.com/v1",
    "http://localhost:11434/v1",
    "http://10.0.0.9/v1",
    "http://[::1]:1/v1",
    "http://model:8000/v1",
    "http://gpu.internal/v1",
  ]) {
    assert.equal(parse(`model: { name: m, baseUrl: "${url}" }\n`).model?.baseUrl, url);
  }
  for (const url of ["ftp://10.0.0.9/", "models"]) {
    assert.equal(problems(`model: { name: m, baseUrl: "${url}" }\n`).length, 1);
  }
});

test("anchors and aliases are refused: they hide what a file says", () => {
  assert.deepEqual(problems("hosts:\n  a: &a { user: x }\n  b: *a\n"), [
    "diagnose502.yaml:2:9: anchors (&…) are not accepted; a value that begins so needs quotes",
    "diagnose502.yaml:3:6: aliases (*…) are not accepted; a value that begins so needs quotes",
  ]);
});

test("a secret that YAML takes for something else is not repeated", () => {
  for (const first of ["*", "&", "!", "!!", "|", ">", "@", "%", "`"]) {
    const said = problems(`model:\n  name: m\n  key: ${first}hunter2\n`);
    assert.ok(said.length > 0, first);
    assert.doesNotMatch(said.join("\n"), /hunter2/, first);
  }
  const [query = ""] = problems('model: { name: m, baseUrl: "https://a.example/v1?key=hunter2" }\n');
  assert.match(query, /model\.baseUrl: has a query or fragment/);
  assert.doesNotMatch(query, /hunter2/);
});

test("all problems are named at once", () => {
  assert.equal(problems("hosts:\n  a: { port: 0 }\n  b: { user: '-x' }\n  c: { adress: x }\n").length, 3);
});

test("jumps in a circle are named at each host of the circle", () => {
  assert.deepEqual(problems("hosts:\n  a: { jump: b }\n  b: { jump: a }\n  c: { jump: a }\n"), [
    "diagnose502.yaml:2:14: hosts.a.jump: goes in a circle: a → b → a",
    "diagnose502.yaml:3:14: hosts.b.jump: goes in a circle: b → a → b",
  ]);
});

test("a passphrase written into the config is refused with its line and not repeated", () => {
  for (const literal of ["hunter2", '"hunter2"', "[hunter2]", "12345"]) {
    const told = problems(`hosts:\n  web:\n    passphrase: ${literal}\n`).join("\n");
    assert.match(told, /^diagnose502\.yaml:3:(5|17): hosts\.web\.passphrase: /);
    assert.doesNotMatch(told, /hunter2|12345/);
  }
  assert.deepEqual(problems("hosts:\n  web: { passphrase: { env: A, file: /b } }\n"), [
    "diagnose502.yaml:2:10: hosts.web.passphrase: needs exactly one of file, env",
  ]);
});

test("a password under a key of its own is refused and not repeated", () => {
  assert.doesNotMatch(problems("hosts:\n  web: { password: hunter2 }\n").join(), /hunter2/);
});

test("nesting of thousands of levels is an error of the config, not a crash", () => {
  assert.match(problems(`hosts: ${"[".repeat(30_000)}`)[0] ?? "", /diagnose502\.yaml/);
});

test("whatever the file holds, the answer is a config or a ConfigError", () => {
  const words = [
    "hosts",
    "sites",
    "web",
    "url",
    "proxy",
    "local: true",
    ":",
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    '"',
    "&a",
    "*a",
    "|",
    "#",
    "\t",
    "5",
    "null",
    "__proto__",
    "constructor",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (parts) => {
      problems(parts.join(" "));
    }),
    { numRuns: 500 },
  );
});
