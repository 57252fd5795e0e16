import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { COMPILED_FILE, renderCompiled } from "../../src/playbook/compiled-playbooks.ts";
import { listPlaybookFiles, readPlaybookFile } from "../../src/playbook/load-playbooks.ts";
import { parsePlaybook } from "../../src/playbook/parse-playbook.ts";
import { renderPlaybookJsonSchema } from "../../src/playbook/playbook-json-schema.ts";

const DIRECTORY = join(import.meta.dirname, "../../playbooks");

/** Files in `playbooks/` that are made from the YAML beside them and from the schema, as they should be. */
async function makeGeneratedFiles(): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const playbooks = [];
  for (const file of await listPlaybookFiles(DIRECTORY)) {
    const yaml = await readPlaybookFile(file);
    playbooks.push({ yaml, playbook: parsePlaybook(yaml, { file, origin: "shipped" }) });
  }
  return [
    { path: join(DIRECTORY, "playbook.schema.json"), text: renderPlaybookJsonSchema() },
    { path: join(DIRECTORY, COMPILED_FILE), text: renderCompiled(playbooks) },
  ];
}

/** Names of those that are not as they should be. */
export async function findStaleFiles(): Promise<readonly string[]> {
  const stale = [];
  for (const { path, text } of await makeGeneratedFiles()) {
    if ((await readFile(path, "utf8").catch(() => "")) !== text) stale.push(basename(path));
  }
  return stale;
}

if (import.meta.main) {
  for (const { path, text } of await makeGeneratedFiles()) await writeFile(path, text);
}
