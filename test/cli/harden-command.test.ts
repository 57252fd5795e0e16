import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkSudoers } from "../../src/cli/check-sudoers.ts";
import { runHardenCommand } from "../../src/cli/harden-command.ts";
import { parseHardenOptions } from "../../src/cli/harden-options.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { makeFakeOutput } from "../fakes/output.ts";

const PLAYBOOKS = join(import.meta.dirname, "../../playbooks");
const PIN = `SHA256:${"A".repeat(43)}`;
const CONFIG = parseConfig(
  `
hosts:
  edge-1: { address: 192.0.2.10, user: diag, hostKey: "${PIN}" }
  app-1: { address: 192.0.2.20, user: diag, hostKey: "${PIN}" }
  bare: { address: 192.0.2.30, hostKey: "${PIN}" }
sites:
  shop:
    url: https://shop.example.com/
    proxy: edge-1
    upstream: app-1
    service: { systemd: shop.service }
`,
  { file: "/etc/diagnose502/diagnose502.yaml", home: "/root" },
);

async function harden(...args: string[]) {
  const stdout = makeFakeOutput();
  const stderr = makeFakeOutput();
  const status = await runHardenCommand(parseHardenOptions(args), {
    loadConfig: async () => CONFIG,
    playbooks: await loadPlaybooks([{ path: PLAYBOOKS, origin: "shipped" }]),
    checkSudoers: async () => undefined,
    startCommand: "exec sh -s",
    readPublicKey: async () => "ssh-ed25519 AAAA",
    stdout: stdout.output,
    stderr: stderr.output,
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

test("a site's service may be restarted where it runs, and nothing where it does not", async () => {
  const { status, stdout, stderr } = await harden("shop", "--key", "id.pub", "--from", "192.0.2.5");
  assert.equal(status, 0);
  const [edge = "", app = ""] = stdout.split("#!/bin/sh\n# What diagnose502 may do on ").slice(1);
  assert.match(edge, /^edge-1, as diag\..*\n# It may look, and restart: nothing\./);
  assert.doesNotMatch(edge, /lib\/diagnose502\/restart/);
  assert.match(stderr, /edge-1: looks only/);
  assert.match(app, /^app-1, as diag\..*\n# It may look, and restart: shop\.service\./);
  assert.match(app, /shop\.service\) manager=systemd name=shop\.service may_reset=no ;;/);
  assert.match(app, /^# restrict,from="192\.0\.2\.5" ssh-ed25519 AAAA$/m);
});

test("sudo is given words, never a pattern, a shell or an interpreter", async () => {
  const { stdout } = await harden("app-1", "--service", "pm2:deploy/shop", "--service", "docker:web");
  const lines = stdout.split("\n").filter((line) => line.startsWith("diag ALL="));
  assert.ok(lines.length > 10);
  for (const line of lines) {
    assert.match(
      line,
      /^diag ALL=\(root\) NOPASSWD:NOSETENV: (?:(?:\/usr)?\/s?bin|\/usr\/local\/lib\/diagnose502)\/[a-z0-9-]+/,
    );
    assert.doesNotMatch(line, /(?<!\\)[*?[]|\/(?:sh|bash|perl|python3|systemctl|docker)(?: |$)/);
  }
  assert.ok(lines.includes("diag ALL=(root) NOPASSWD:NOSETENV: /usr/sbin/nginx -T -q"));
});

test("visudo accepts the file, and what it refuses is said", {
  skip: existsSync("/usr/sbin/visudo") ? false : "SKIPPED: there is no visudo here",
}, async () => {
  const { stdout } = await harden("app-1");
  const [, file = ""] =
    /diagnose502\.new <<'END_OF_DIAGNOSE502_FILE'\n(# Made by[\s\S]*?)END_OF/.exec(stdout) ?? [];
  assert.match(file, /NOPASSWD/);
  assert.equal(await checkSudoers(file), undefined);
  assert.match((await checkSudoers("diag ALL=(root NOPASSWD: x\n")) ?? "", /syntax error/);
});

const REFUSED: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["app-1", "--service", "nginx"], /nginx\.service is never restarted: it is a proxy/],
  [["app-1", "--service", "docker:postgresql"], /docker:postgresql is never restarted/],
  [["app-1", "--service", "shop;id"], /cannot be restarted as a systemd service/],
  [["app-1", "--service", "pm2:shop"], /expected shop\.service, docker:NAME/],
  [["app-1", "--service", "pm2:$(id)/shop"], /cannot be restarted as a PM2 user/],
  [["app-1", "--service", "compose:a/b/c"], /expected shop\.service/],
  [["app-2"], /"app-2" is neither a host nor a site of the config/],
  [["bare"], /bare has no user in the config/],
  [["root@192.0.2.9"], /cannot be restarted as a login|unprivileged/],
  [["app-1", "--from", 'x" command="id'], /--from takes addresses/],
  [[], /Neither a host nor a site was given/],
];

for (const [args, message] of REFUSED) {
  test(`harden ${args.join(" ")} is refused`, async () => {
    await assert.rejects(async () => await harden(...args), { message });
  });
}
