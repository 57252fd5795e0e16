import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { renderReadme } from "./readme-sample.ts";

const ROOT = join(import.meta.dirname, "..");
const readme = readFileSync(join(ROOT, "README.md"), "utf8");

test("the report that README.md shows is what the product says today (npm run generate)", async () => {
  assert.equal(readme, await renderReadme());
});

test("every file README.md links to exists", () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = ""]) => path);
  assert.ok(links.length > 3);
  for (const path of links) assert.ok(existsSync(join(ROOT, path)), path);
});

test("README.md opens with the two commands that package.json and the gate know", () => {
  const commands = [...readme.slice(0, 1200).matchAll(/```sh\n(.+)\n```/g)].map(([, command]) => command);
  assert.deepEqual(commands, ["npm ci && npm run demo", "npm ci && npm test"]);
});
