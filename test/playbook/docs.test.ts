import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parsePlaybook } from "../../src/playbook/parse-playbook.ts";
import { DOMAINS } from "../../src/playbook/playbook.ts";

const DOCS = readFileSync(join(import.meta.dirname, "../../docs/playbooks.md"), "utf8");

test("the sample in docs/playbooks.md is a playbook anyone may bring along", () => {
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(DOCS) ?? [];
  const playbook = parsePlaybook(yaml, { file: "sample.yaml", origin: "outside" });
  assert.equal(playbook.signatures.length, 2);
});

test("docs/playbooks.md lists every domain with its parameters", () => {
  for (const [domain, parameters] of Object.entries(DOMAINS).filter(([domain]) => domain !== "host")) {
    const row =
      DOCS.split("\n").find((line) => line.startsWith("| `") && line.includes(`\`${domain}\``)) ?? "";
    for (const parameter of parameters) assert.ok(row.includes(`{${parameter}}`), `${domain} {${parameter}}`);
  }
});
