import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { readEnvironment } from "../../src/config/environment.ts";
import { loadSshConfig } from "../../src/config/load-ssh-config.ts";
import { parseSshConfig } from "../../src/config/parse-ssh-config.ts";
import { resolveSshHost } from "../../src/config/ssh-config.ts";
import { makeEnvironment } from "./make-environment.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const CONFIG = `
# a comment
Host web web-? !web-9
  HostName %h.internal.example
  User "de ploy"
  Port=2201
  IdentityFile ~/.ssh/one
  IdentityFile %d/.ssh/two-%h-%r # and a comment
  IdentitiesOnly yes

Host *.example.com
\tProxyJump ops@bastion:2222,inner
\tUserKnownHostsFile ~/.ssh/kh1 "~/.ssh/kh 2"
\tHostKeyAlias shop

host direct.example.com other
  proxyjump none

Match host db.internal.example
  User after-hostname
Match originalhost db
  HostName db.internal.example
  User first-seen
Match host db.internal.example !originalhost db
  Port 9
Match host "db*,!dbx" originalhost=db
  Port 2300
Match user nobody-here
  Port 666
Match exec "touch RAN"
  User from-exec

Host=quoted
  HostName = "10.0.0.9"
  IdentityAgent none
Host q2
  IdentityAgent ~/agent.sock
  IdentityFile "~/.ssh/with space"
  GlobalKnownHostsFile /etc/none /etc/other

Match all
  Port 2022
Host *
  User fallback
`;

/** Names that meet each block above, and one that meets none. */
const HOSTS = [
  "web",
  "web-1",
  "web-9",
  "web-10",
  "shop.example.com",
  "direct.example.com",
  "other",
  "db",
  "dbx",
  "db.internal.example",
  "quoted",
  "q2",
  "plain",
  "WEB",
];

const EXPRESSIONS: Readonly<Record<string, string>> = { "*": ".*", "?": ".", ".": "\\." };

/** How ssh_config refers to an environment variable. */
function variable(name: string): string {
  return `$\{${name}}`;
}

const SSH = spawnSync("ssh", ["-V"]).status === 0;

/** What the real client makes of it: keyword → values, in order. */
function askSsh(file: string, host: string): Map<string, string[]> {
  const { stdout, stderr, status } = spawnSync("ssh", ["-G", "-F", file, "--", host], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const values = new Map<string, string[]>();
  for (const line of stdout.split("\n")) {
    const space = line.indexOf(" ");
    const keyword = line.slice(0, space);
    values.set(keyword, [...(values.get(keyword) ?? []), line.slice(space + 1)]);
  }
  return values;
}

test("hosts come out as ssh itself resolves them", {
  skip: !SSH && "needs the OpenSSH client",
}, async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, "config");
  // The real client would run it.
  writeFileSync(file, CONFIG.replace(/^Match exec.*$/m, "Host never"), { mode: 0o600 });
  // ssh takes the home of the password database, whatever HOME says
  const environment = { ...readEnvironment(), home: userInfo().homedir };
  const directives = await loadSshConfig(environment, { files: [file] });
  for (const host of HOSTS) {
    const real = askSsh(file, host);
    const ours = resolveSshHost(directives, { host, environment });
    const one = (keyword: string) => real.get(keyword)?.[0];
    // ssh lowers the case of host names before it connects.
    assert.equal(ours.hostName.toLowerCase(), one("hostname"), host);
    assert.equal(String(ours.port), one("port"), host);
    assert.equal(ours.user, one("user"), host);
    assert.equal(ours.identitiesOnly ? "yes" : "no", one("identitiesonly"), host);
    assert.equal(ours.hostKeyAlias, one("hostkeyalias"), host);
    assert.equal(ours.proxyJump.join(",") || undefined, one("proxyjump"), host);
    const expand = (path: string) =>
      path
        .replace(/^~/, environment.home)
        .replace("%d", environment.home)
        .replace("%h", ours.hostName)
        .replace("%r", ours.user);
    if (ours.identityFiles.length > 0)
      assert.deepEqual(ours.identityFiles, real.get("identityfile")?.map(expand), host);
    const known = [one("userknownhostsfile"), one("globalknownhostsfile")].join(" ");
    assert.equal(ours.knownHostsFiles.join(" "), known.replaceAll("~", environment.home), host);
  }
});

function resolve(text: string, host: string, environment = makeEnvironment({ agentSocket: "/run/agent" })) {
  return resolveSshHost(parseSshConfig(text, { file: "~/.ssh/config" }), { host, environment });
}

test("without any configuration the defaults of OpenSSH hold", () => {
  assert.deepEqual(resolve("", "web"), {
    hostName: "web",
    port: 22,
    user: "ada",
    identityFiles: [],
    identitiesOnly: false,
    agentSocket: "/run/agent",
    proxyJump: [],
    knownHostsFiles: [
      "/home/ada/.ssh/known_hosts",
      "/home/ada/.ssh/known_hosts2",
      "/etc/ssh/ssh_known_hosts",
      "/etc/ssh/ssh_known_hosts2",
    ],
    notes: [],
  });
});

test("Match exec is never run; its block is left out, and that is said", () => {
  const { user, notes } = resolve(CONFIG, "plain");
  assert.equal(user, "fallback");
  assert.deepEqual(notes, [
    '~/.ssh/config:28: "Match user" is not followed; its block is ignored',
    '~/.ssh/config:30: "Match exec" is not followed; its block is ignored',
  ]);
});

test("a Match that does not concern the host, or only a second pass of ssh, is passed over in silence", () => {
  const text =
    'Match host other exec "x"\n  User a\nMatch final all\n  User b\nMatch canonical host x\n  User c\n';
  assert.deepEqual([resolve(text, "web").user, resolve(text, "web").notes], ["ada", []]);
});

test("an agent is the environment's, another, or none", () => {
  const environment = makeEnvironment({ agentSocket: "/run/agent", variables: { OTHER: "/run/other" } });
  for (const [text, socket] of [
    ["", "/run/agent"],
    ["IdentityAgent SSH_AUTH_SOCK", "/run/agent"],
    ["IdentityAgent none", undefined],
    ["IdentityAgent $OTHER", "/run/other"],
    ["IdentityAgent $MISSING", undefined],
    ["IdentityAgent ~/a-%r.sock", "/home/ada/a-ada.sock"],
  ] as const) {
    assert.equal(resolve(text, "web", environment).agentSocket, socket, text);
  }
});

test("tokens and variables in paths are filled in; a path that needs more is left out, and that is said", () => {
  const environment = makeEnvironment({ variables: { KEYS: "/keys" } });
  const files = [`${variable("KEYS")}/%n-%h-%p-%r-%u-%i-100%%`, "~/%C", `${variable("NONE")}/x`, "none"];
  const text = ["HostName %h.example", "Port 2200", ...files.map((file) => `IdentityFile ${file}`)].join(
    "\n",
  );
  const { identityFiles, notes } = resolve(text, "web", environment);
  assert.deepEqual(identityFiles, ["/keys/web-web.example-2200-ada-ada-1000-100%"]);
  assert.deepEqual(notes, [
    "~/.ssh/config:4: ~/%C is left out; %C cannot be filled in",
    `~/.ssh/config:5: ${variable("NONE")}/x is left out; ${variable("NONE")} cannot be filled in`,
  ]);
});

test("the first of ProxyJump and ProxyCommand counts", () => {
  assert.deepEqual(resolve("ProxyJump a\nProxyCommand nc %h", "web").proxyCommandAt, undefined);
  assert.equal(resolve("\nProxyCommand nc %h\nProxyJump a", "web").proxyCommandAt, "~/.ssh/config:2");
  assert.deepEqual(resolve("ProxyCommand none\nProxyJump a", "web").proxyJump, []);
});

test("a port that is none is an error of that line", () => {
  for (const port of ["0", "65536", "ssh", "-1", "2 2"]) {
    assert.throws(() => resolve(`Host web\n  Port ${port === "2 2" ? '"2 2"' : port}`, "web"), {
      code: "CONFIG_INVALID",
      message: `~/.ssh/config:2: "${port}" is not a port (1 to 65535).`,
    });
  }
});

test("includes are followed: relative ones from ~/.ssh, globs in order, only as far as their block holds", async (t) => {
  const home = temporaryDirectory(t);
  const ssh = join(home, ".ssh");
  mkdirSync(join(ssh, "config.d"), { recursive: true, mode: 0o700 });
  const write = (name: string, text: string) => writeFileSync(join(ssh, name), text, { mode: 0o600 });
  write(
    "config",
    "Include config.d/*.conf missing\nHost inner\n  Include nested\n  User from-config\nHost *\n  Port 2022\n",
  );
  write("config.d/10-a.conf", "Host web\n  User first\n");
  write("config.d/20-b.conf", "Host web\n  User second\n  HostName b.example\n");
  write("config.d/ignored", "User ignored\n");
  write("nested", "Host *\n  HostName nested.example\n");
  const environment = makeEnvironment({ home });
  const directives = await loadSshConfig(environment, { files: [join(ssh, "config")] });
  const ask = (host: string) => {
    const { user, hostName, port } = resolveSshHost(directives, { host, environment });
    return [user, hostName, port];
  };
  assert.deepEqual(ask("web"), ["first", "b.example", 2022]);
  assert.deepEqual(ask("inner"), ["from-config", "nested.example", 2022]);
  assert.deepEqual(ask("plain"), ["ada", "plain", 2022]);
});

test("an include without end, and a file that others can write, are refused", async (t) => {
  const home = temporaryDirectory(t);
  const file = join(home, "config");
  writeFileSync(file, `Include ${file}\n`, { mode: 0o600 });
  const environment = makeEnvironment({ home });
  await assert.rejects(loadSshConfig(environment, { files: [file] }), /included more than 16 files deep/);
  chmodSync(file, 0o666);
  await assert.rejects(loadSshConfig(environment, { files: [file] }), { hint: `Run: chmod go-w ${file}` });
  assert.deepEqual(await loadSshConfig(environment, { files: [join(home, "none")] }), []);
});

test("patterns match as the regular expressions they stand for", () => {
  const letters = fc.array(fc.constantFrom("a", "b", "."), { maxLength: 8 }).map((parts) => parts.join(""));
  const patterns = fc.array(fc.constantFrom("a", "b", ".", "*", "?"), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(letters, patterns, (host, parts) => {
      const pattern = parts.join("");
      const expression = parts.map((part) => EXPRESSIONS[part] ?? part).join("");
      const { user } = resolve(`Host ${pattern}\n  User matched`, host);
      assert.equal(user === "matched", new RegExp(`^(?:${expression})$`).test(host), `${host} ${pattern}`);
    }),
  );
});

test("whatever ssh_config holds, reading it ends in settings or an error for the operator", () => {
  const words = [
    "Host",
    "Match",
    "all",
    "exec",
    "host",
    "*",
    "!",
    "=",
    '"',
    "'",
    "\\",
    "#",
    "\n",
    " ",
    "Port",
    "22",
    "Include",
    "x,y",
    "%h",
    variable("X"),
    "ProxyJump",
    "IdentityFile",
    "HostName",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (parts) => {
      try {
        resolve(parts.join(" "), "host");
      } catch (error) {
        assert.ok(
          error instanceof Error && "code" in error && error.code === "CONFIG_INVALID",
          String(error),
        );
      }
    }),
    { numRuns: 500 },
  );
});
