import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..");

test("every file and link that a page of documentation names exists", () => {
  const pages = ["ARCHITECTURE.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: ROOT })];
  for (const page of pages) {
    const text = readFileSync(join(ROOT, page), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = ""]) =>
      join(dirname(page), path),
    );
    const files = [...text.matchAll(/`((?:src|test|bench|docs|playbooks)\/[a-z0-9./-]+)`/g)].map(
      ([, path = ""]) => path,
    );
    for (const path of [...links, ...files]) assert.ok(existsSync(join(ROOT, path)), `${page}: ${path}`);
  }
});
