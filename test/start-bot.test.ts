import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const CONFIG = "web: { listen: '127.0.0.1:0' }\n";
const PLAYBOOK = "title: Our app\nrole: upstream\n";

/** A bot as operators run it, with a home, a config and a playbook of its own. */
function makeBot(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "diagnose502-start-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const config = join(home, "diagnose502.yaml");
  const playbooks = join(home, "playbooks");
  mkdirSync(playbooks);

  function run(...args: readonly string[]) {
    const env = { PATH: process.env.PATH, HOME: home, DIAGNOSE502_STATE: join(home, "state") };
    return spawn(process.execPath, [MAIN, ...args], { cwd: home, env, stdio: ["ignore", "pipe", "ignore"] });
  }
  return {
    write(yaml: { readonly config?: string; readonly playbook?: string }) {
      if (yaml.config !== undefined) writeFileSync(config, yaml.config, { mode: 0o600 });
      if (yaml.playbook !== undefined)
        writeFileSync(join(playbooks, "our-app.yaml"), yaml.playbook, { mode: 0o600 });
    },
    async startAndStop() {
      const bot = run("start", "--config", config, "--playbooks", playbooks);
      const ended = once(bot, "exit");
      await Promise.race([once(bot.stdout, "data"), ended]);
      bot.kill("SIGTERM");
      await ended;
    },
    async auditRows(): Promise<readonly { readonly kind: string; readonly details?: unknown }[]> {
      const lines = await text(run("audit", "export").stdout);
      return lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    },
  };
}

function sha256(yaml: string): string {
  return createHash("sha256").update(yaml).digest("hex");
}

test("each start is in the audit log with the digests of the config and of every playbook, as sha256sum prints them", async (t) => {
  const bot = makeBot(t);
  const other = { config: `${CONFIG}# an approver more\n`, playbook: `${PLAYBOOK}# a signature less\n` };
  bot.write({ config: CONFIG, playbook: PLAYBOOK });
  await bot.startAndStop();
  bot.write({ playbook: other.playbook });
  await bot.startAndStop();
  bot.write({ config: other.config });
  await bot.startAndStop();

  const starts = (await bot.auditRows()).filter(({ kind }) => kind === "bot-started");
  const seen = starts.map(({ details }) => {
    const { config, playbooks } = details as {
      config: { sha256: string };
      playbooks: Record<string, string>;
    };
    assert.match(playbooks.nginx ?? "", /^[0-9a-f]{64}$/);
    return [config.sha256, playbooks["our-app"]];
  });
  assert.deepEqual(seen, [
    [sha256(CONFIG), sha256(PLAYBOOK)],
    [sha256(CONFIG), sha256(other.playbook)],
    [sha256(other.config), sha256(other.playbook)],
  ]);
});
