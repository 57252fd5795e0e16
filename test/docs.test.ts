import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { IntentState } from "../src/approval/intent.ts";
import { isCommandName } from "../src/cli/command-table.ts";
import { parseConfig } from "../src/config/parse-config.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGES = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: ROOT })];

function read(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

test("every file and link that a page of documentation names exists", () => {
  for (const page of PAGES) {
    const text = read(page);
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = ""]) =>
      join(dirname(page), path),
    );
    const files = [...text.matchAll(/`((?:src|test|bench|docs|playbooks|intake)\/[a-z0-9./-]+)`/g)].map(
      ([, path = ""]) => path,
    );
    for (const path of [...links, ...files]) assert.ok(existsSync(join(ROOT, path)), `${page}: ${path}`);
  }
});

test("every command that a page of documentation names exists", () => {
  for (const page of PAGES) {
    const code = [...read(page).matchAll(/^```\w*\n([\s\S]*?)^```|`([^`\n]+)`/gm)].flatMap(
      ([, block = "", span = ""]) => [...block.split("\n"), span],
    );
    for (const line of code) {
      const [, name] = /^(?:npx )?diagnose502 ([a-z]+)/.exec(line) ?? [];
      assert.ok(name === undefined || isCommandName(name), `${page}: ${line}`);
    }
  }
});

test("the pieces of config in docs/bot.md are configs", () => {
  const pieces = [...read("docs/bot.md").matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = ""]) => yaml);
  assert.ok(pieces.length >= 6);
  const hosts = "hosts: { edge-1: {}, origin-1: {} }\n";
  for (const yaml of pieces) {
    const text = yaml.startsWith("hosts:") ? yaml : hosts + yaml;
    parseConfig(text, { file: "/diagnose502.yaml", home: "/" });
  }
});

test("docs/bot.md says what every way a restart can end means, and what to do next", () => {
  const ends: Readonly<Record<Exclude<IntentState, "awaiting" | "approved" | "sent">, true>> = {
    ...{ done: true, refused: true, "not-done": true, unknown: true },
    ...{ denied: true, expired: true, superseded: true },
  };
  const page = read("docs/bot.md");
  for (const end of [...Object.keys(ends), "unproven"]) {
    assert.match(page, new RegExp(`^\\| ${end} \\| [^|]+ \\| [^|]+ \\| [^|]+ \\|$`, "m"), end);
  }
});

test("each attack in docs/security.md has a name of its own, a defence, and a test that exists", () => {
  const [proven = "", open = ""] = read("docs/security.md").split("## Not proven yet");
  const rows = [...proven.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  const names = rows.map(([, name = ""]) => name);
  assert.ok(names.length >= 45);
  assert.equal(new Set(names).size, names.length);
  for (const [, name, , , proof = ""] of rows) {
    const files = [...proof.matchAll(/`(test\/[^`]+)`/g)].map(([, file = ""]) => file);
    assert.ok(files.length > 0, name);
    for (const file of files) assert.ok(statSync(join(ROOT, file)).isFile(), `${name}: ${file}`);
  }
  for (const [, name = ""] of open.matchAll(/^\| `([^`]+)` \|/gm)) assert.ok(names.includes(name), name);
});
