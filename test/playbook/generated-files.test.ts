import assert from "node:assert/strict";
import { test } from "node:test";
import { findStaleFiles } from "./generated-files.ts";

test("the JSON Schema and the compiled playbooks say what the YAML files say", async () => {
  assert.deepEqual(await findStaleFiles(), [], "run: npm run generate");
});
