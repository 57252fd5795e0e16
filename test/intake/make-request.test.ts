import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/parse-config.ts";
import { parseSshConfig } from "../../src/config/parse-ssh-config.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { makeRequest, type RequestContext, type RequestOptions } from "../../src/intake/make-request.ts";
import { makeEnvironment } from "../config/make-environment.ts";

const FINGERPRINT = `SHA256:${"a".repeat(43)}`;

const CONFIG = `
hosts:
  edge-1:   { address: 192.0.2.10, user: diag, hostKey: "${FINGERPRINT}" }
  origin-1: { address: 192.0.2.20, jump: edge-1, identityFile: /keys/origin, passphrase: { env: ORIGIN_KEY } }
  here:     { local: true }
sites:
  shop:
    url: https://shop.example.com/
    proxy: edge-1
    upstream: origin-1
    edge: cloudflare
    service: { systemd: php8.2-fpm }
    dependencies: [{ kind: mariadb, host: origin-1 }]
  shop-admin: { url: "https://shop.example.com/admin", proxy: here }
`;

const KNOWN_HOSTS = [
  "/home/ada/.ssh/known_hosts",
  "/home/ada/.ssh/known_hosts2",
  "/etc/ssh/ssh_known_hosts",
  "/etc/ssh/ssh_known_hosts2",
];

function make(
  options: Partial<RequestOptions>,
  surroundings: {
    readonly config?: string;
    readonly ssh?: string;
    readonly files?: readonly string[];
    readonly notes?: string[];
    readonly agentSocket?: string;
  } = {},
) {
  const { config, ssh = "", files = [], notes = [], agentSocket } = surroundings;
  const context: RequestContext = {
    config:
      config === undefined ? undefined : parseConfig(config, { file: "/etc/d5.yaml", home: "/home/ada" }),
    sshConfig: parseSshConfig(ssh, { file: "~/.ssh/config" }),
    environment: makeEnvironment(agentSocket === undefined ? {} : { agentSocket }),
    isFile: (path) => files.includes(path),
    onNote: (note) => notes.push(note),
  };
  return makeRequest({ proxies: [], upstreams: [], local: false, ...options }, context);
}

/** The SSH side of a host, which must have one. */
function ssh(host: HostAccess | undefined) {
  assert.equal(host?.how.kind, "ssh");
  return host.how;
}

test("a URL and a proxy are enough", () => {
  assert.deepEqual(make({ target: "https://shop.example.com/cart#top", proxies: ["diag@192.0.2.10:2222"] }), {
    site: "shop.example.com",
    url: "https://shop.example.com/cart",
    proxies: [
      {
        name: "192.0.2.10:2222",
        how: {
          kind: "ssh",
          address: "192.0.2.10",
          port: 2222,
          user: "diag",
          identityFiles: [],
          knownHostsFiles: KNOWN_HOSTS,
        },
      },
    ],
    upstreams: [],
    dependencies: [],
    pinnedAddresses: ["192.0.2.10"],
  });
});

test("a URL and --local are enough", () => {
  const request = make({ target: "https://shop.example.com/", local: true });
  assert.deepEqual(request.proxies, [{ name: "localhost", how: { kind: "local" } }]);
  assert.deepEqual(request.pinnedAddresses, ["127.0.0.1"]);
});

test("a site of the config comes with all that is said there", () => {
  const request = make(
    { target: "shop" },
    { config: CONFIG, files: ["/keys/origin"], agentSocket: "/run/agent" },
  );
  const edge = {
    name: "edge-1",
    how: {
      kind: "ssh",
      address: "192.0.2.10",
      port: 22,
      user: "diag",
      identityFiles: [],
      agentSocket: "/run/agent",
      hostKey: FINGERPRINT,
      knownHostsFiles: KNOWN_HOSTS,
    },
  };
  assert.deepEqual(request, {
    site: "shop",
    url: "https://shop.example.com/",
    proxies: [edge],
    upstreams: [
      {
        name: "origin-1",
        how: {
          kind: "ssh",
          address: "192.0.2.20",
          port: 22,
          user: "ada",
          identityFiles: ["/keys/origin"],
          agentSocket: "/run/agent",
          knownHostsFiles: KNOWN_HOSTS,
          passphrase: { env: "ORIGIN_KEY", place: "/etc/d5.yaml:4:78: hosts.origin-1.passphrase" },
          jump: edge,
        },
      },
    ],
    edge: "cloudflare",
    service: { kind: "systemd", unit: "php8.2-fpm.service" },
    dependencies: [{ kind: "mariadb", host: "origin-1" }],
    pinnedAddresses: ["192.0.2.10"],
  });
});

for (const [target, site, url] of [
  ["shop", "shop", "https://shop.example.com/"],
  ["https://shop.example.com/cart?x=1", "shop", "https://shop.example.com/cart?x=1"],
  ["https://shop.example.com/admin/users", "shop-admin", "https://shop.example.com/admin/users"],
  ["https://SHOP.example.com", "shop", "https://shop.example.com/"],
  ["shop.example.com", "shop", "https://shop.example.com/"],
  ["shop.example.com/cart", "shop", "https://shop.example.com/cart"],
  ["other.example.com:8443/x", "other.example.com", "https://other.example.com:8443/x"],
  ["http://[::1]:8080/", "[::1]", "http://[::1]:8080/"],
] as const) {
  test(`${target} means ${url} of ${site}`, () => {
    const request = make({ target, proxies: ["here"] }, { config: CONFIG, files: ["/keys/origin"] });
    assert.deepEqual([request.site, request.url], [site, url]);
  });
}

test("hosts on the command line replace those of the config", () => {
  const files = ["/keys/origin"];
  const { proxies, upstreams } = make(
    { target: "shop", proxies: ["here", "root@192.0.2.30"], upstreams: ["edge-1"] },
    { config: CONFIG, files },
  );
  assert.deepEqual(
    [proxies, upstreams].map((hosts) => hosts.map(({ name }) => name)),
    [["here", "192.0.2.30"], ["edge-1"]],
  );
  assert.deepEqual(
    make({ target: "shop", local: true }, { config: CONFIG, files }).proxies.map(({ name }) => name),
    ["localhost"],
  );
});

for (const { what, options, config, message, hint } of [
  {
    what: "no target",
    options: {},
    message: /^Which site\? Neither/,
    hint: /^For example: diagnose502 diagnose https:/,
  },
  {
    what: "no target with a config",
    options: {},
    config: CONFIG,
    message: /^Which site/,
    hint: /^Known sites: shop, shop-admin\./,
  },
  {
    what: "a site nobody knows",
    options: { target: "shpo" },
    config: CONFIG,
    message: /^No site "shpo": \S+ has none of that name \(did you mean "shop"\?\)\.$/,
    hint: /^Known sites: shop, shop-admin\./,
  },
  {
    what: "a site's name without any config",
    options: { target: "shop" },
    message:
      /^No site "shop": there is no diagnose502\.yaml here, in ~\/\.config\/diagnose502 or in \/etc\/diagnose502\.$/,
  },
  {
    what: "a URL of another scheme",
    options: { target: "ftp://shop.example.com/" },
    message: /^"ftp:.* is not a URL/,
  },
  { what: "a file for a URL", options: { target: "./diagnose502.yaml" }, message: /is neither a site/ },
  {
    what: "no proxy",
    options: { target: "https://shop.example.com/" },
    message: /^Nothing says which machine/,
    hint: /--proxy user@host, or --local/,
  },
  {
    what: "a wrong proxy",
    options: { target: "https://a.example/", proxies: ["a b"] },
    message: /^--proxy "a b": "a b" is not/,
  },
  {
    what: "a wrong upstream",
    options: { target: "https://a.example/", local: true, upstreams: ["-x"] },
    message: /^--upstream "-x":/,
  },
  {
    what: "a missing key",
    options: { target: "https://a.example/", local: true, identity: "~/k" },
    message: /^--identity: \/home\/ada\/k is not a file\.$/,
  },
  {
    what: "a missing known_hosts",
    options: { target: "https://a.example/", local: true, knownHosts: "kh" },
    message: /^--known-hosts: \/home\/ada\/kh is not/,
  },
]) {
  test(`${what} is wrong usage, with what to type instead`, () => {
    assert.throws(
      () => make(options, config === undefined ? {} : { config }),
      (error: unknown) => {
        assert.ok(error instanceof Error && "hint" in error && "exitStatus" in error, String(error));
        assert.equal(error.exitStatus, 64);
        assert.match(error.message, message);
        assert.match(String(error.hint), hint ?? /./);
        return true;
      },
    );
  });
}

test("a password in a URL is not repeated", () => {
  assert.throws(
    () => make({ target: "https://ada:hunter2@shop.example.com/" }),
    (error: unknown) => {
      assert.doesNotMatch(String(error), /hunter2/);
      return true;
    },
  );
});

test("aliases, keys, ports and jumps come from ssh_config", () => {
  const config = `
Host web
  HostName 10.0.0.5
  User deploy
  Port 2201
  IdentityFile ~/.ssh/web
  IdentityFile ~/.ssh/gone
  IdentitiesOnly yes
  HostKeyAlias shop-web
  ProxyJump ops@bastion:2222,inner
Host bastion
  HostName 198.51.100.1
  IdentityFile ~/.ssh/bastion
Host inner
  ProxyJump not-used-here
`;
  const files = ["/home/ada/.ssh/web", "/home/ada/.ssh/bastion", "/home/ada/.ssh/id_rsa"];
  const { proxies, pinnedAddresses } = make(
    { target: "https://a.example/", proxies: ["web"] },
    { ssh: config, files },
  );
  const bastion = {
    name: "bastion:2222",
    how: {
      kind: "ssh",
      address: "198.51.100.1",
      port: 2222,
      user: "ops",
      identityFiles: ["/home/ada/.ssh/bastion"],
      knownHostsFiles: KNOWN_HOSTS,
    },
  };
  const inner = {
    name: "inner",
    how: {
      kind: "ssh",
      address: "inner",
      port: 22,
      user: "ada",
      identityFiles: ["/home/ada/.ssh/id_rsa"],
      knownHostsFiles: KNOWN_HOSTS,
      jump: bastion,
    },
  };
  assert.deepEqual(proxies, [
    {
      name: "web",
      how: {
        kind: "ssh",
        address: "10.0.0.5",
        port: 2201,
        user: "deploy",
        identityFiles: ["/home/ada/.ssh/web"],
        identitiesOnly: true,
        knownHostsFiles: KNOWN_HOSTS,
        hostKeyAlias: "shop-web",
        jump: inner,
      },
    },
  ]);
  assert.deepEqual(pinnedAddresses, []);
});

test("the config wins over ssh_config, the command line over both", () => {
  const surroundings = {
    config: "hosts:\n  web: { user: from-config, jump: none }\n",
    ssh: "Host web\n  User from-ssh\n  Port 2201\n  ProxyJump bastion\n",
  };
  const target = "https://a.example/";
  const configured = ssh(make({ target, proxies: ["web"] }, surroundings).proxies[0]);
  assert.deepEqual([configured.user, configured.port, configured.jump], ["from-config", 2201, undefined]);
  const typed = ssh(make({ target, proxies: ["ada@web:22"] }, surroundings).proxies[0]);
  assert.deepEqual([typed.user, typed.port], ["ada", 22]);
  assert.equal(typed.jump?.name, "bastion");
});

test("without a key of their own hosts get the default keys that exist", () => {
  const files = ["/home/ada/.ssh/id_rsa", "/home/ada/.ssh/id_ed25519", "/home/ada/.ssh/id_dsa"];
  const { proxies } = make({ target: "https://a.example/", proxies: ["web"] }, { files });
  assert.deepEqual(ssh(proxies[0]).identityFiles, ["/home/ada/.ssh/id_ed25519", "/home/ada/.ssh/id_rsa"]);
});

test("--identity is tried first; a jump host with a key of its own keeps it", () => {
  const config =
    "Host web\n  IdentityFile /keys/web\n  ProxyJump one\nHost one\n  IdentityFile /keys/one\n  ProxyJump two\n";
  const files = ["/keys/web", "/keys/one", "/home/ada/mine", "/home/ada/.ssh/id_rsa"];
  const options = { target: "https://a.example/", proxies: ["web"], identity: "mine" };
  const web = ssh(make(options, { ssh: config, files }).proxies[0]);
  assert.deepEqual(web.identityFiles, ["/home/ada/mine", "/keys/web"]);
  assert.deepEqual(ssh(web.jump).identityFiles, ["/keys/one"]);
  assert.deepEqual(ssh(ssh(web.jump).jump).identityFiles, ["/home/ada/mine"]);
});

test("--known-hosts replaces all other files, of jump hosts too", () => {
  const options = { target: "https://a.example/", proxies: ["web"], knownHosts: "~/kh" };
  const web = ssh(make(options, { ssh: "Host web\n  ProxyJump one\n", files: ["/home/ada/kh"] }).proxies[0]);
  assert.deepEqual(web.knownHostsFiles, ["/home/ada/kh"]);
  assert.deepEqual(ssh(web.jump).knownHostsFiles, ["/home/ada/kh"]);
});

for (const { what, ssh: text, config, message } of [
  {
    what: "ProxyCommand",
    ssh: "Host web\n  ProxyCommand nc %h %p\n",
    message: /^~\/\.ssh\/config:2: ProxyCommand of web is not supported\.$/,
  },
  {
    what: "a jump through itself",
    ssh: "Host *\n  ProxyJump bastion\n",
    message: /^The way to web jumps in a circle: web → bastion → bastion/,
  },
  {
    what: "a key of the config that is not there",
    config: "hosts:\n  web: { identityFile: /keys/gone }\n",
    message: /^hosts\.web\.identityFile: \/keys\/gone does not exist/,
  },
]) {
  test(`${what} is wrong configuration`, () => {
    const surroundings = {
      ...(text === undefined ? {} : { ssh: text }),
      ...(config === undefined ? {} : { config }),
    };
    assert.throws(() => make({ target: "https://a.example/", proxies: ["web"] }, surroundings), {
      code: "CONFIG_INVALID",
      exitStatus: 78,
      message,
    });
  });
}

test("two ways to one name are told apart by what was typed; the same twice is one", () => {
  const { proxies, upstreams } = make({
    target: "https://a.example/",
    proxies: ["root@web", "diag@web", "root@web"],
    upstreams: ["diag@web", "web:22", "[2001:db8::1]:22"],
  });
  assert.deepEqual(
    proxies.map(({ name }) => name),
    ["web", "diag@web"],
  );
  assert.deepEqual(
    upstreams.map(({ name }) => name),
    ["diag@web", "web:22", "[2001:db8::1]:22"],
  );
});

test("proxies are asked directly, except where the URL leads anyway or a jump host is between", () => {
  const { pinnedAddresses } = make(
    { target: "https://192.0.2.1/", proxies: ["192.0.2.1", "web", "inner", "x@web"], local: true },
    { ssh: "Host inner\n  ProxyJump web\n" },
  );
  assert.deepEqual(pinnedAddresses, ["127.0.0.1", "web"]);
});

test("what is left out of ssh_config is passed on", () => {
  const notes: string[] = [];
  make({ target: "https://a.example/", proxies: ["web"] }, { ssh: "Match exec true\n  User x\n", notes });
  assert.deepEqual(notes, ['~/.ssh/config:1: "Match exec" is not followed; its block is ignored']);
});

test("a key whose public half alone is there is kept: the agent has the other", () => {
  const { proxies } = make(
    { target: "https://shop.example.com/", proxies: ["web"] },
    {
      ssh: "Host web\n  IdentityFile ~/.ssh/web\n",
      files: ["/home/ada/.ssh/web.pub", "/home/ada/.ssh/id_rsa"],
    },
  );
  assert.deepEqual(ssh(proxies[0]).identityFiles, ["/home/ada/.ssh/web"]);
});
