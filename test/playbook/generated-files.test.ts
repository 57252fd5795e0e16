import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { renderCompiled } from "../../src/playbook/compiled-playbooks.ts";
import { listPlaybookFiles, readPlaybookFile } from "../../src/playbook/load-playbooks.ts";
import { parsePlaybook } from "../../src/playbook/parse-playbook.ts";
import { renderPlaybookJsonSchema } from "../../src/playbook/playbook-json-schema.ts";

// After a change to a playbook or the schema, write them anew by:
//   node --test --test-update-snapshots test/playbook/generated-files.test.ts

const DIRECTORY = fileURLToPath(new URL("../../playbooks", import.meta.url));
const AS_IT_IS = { serializers: [(value: string) => value] };

test("the JSON Schema editors use says what the loader accepts", (t) => {
  t.assert.fileSnapshot(renderPlaybookJsonSchema(), `${DIRECTORY}/playbook.schema.json`, AS_IT_IS);
});

test("the compiled playbooks are the YAML files beside them", async (t) => {
  const playbooks = [];
  for (const file of await listPlaybookFiles(DIRECTORY)) {
    const yaml = await readPlaybookFile(file);
    playbooks.push({ yaml, playbook: parsePlaybook(yaml, { file, origin: "shipped" }) });
  }
  t.assert.fileSnapshot(renderCompiled(playbooks), `${DIRECTORY}/compiled.json`, AS_IT_IS);
});
