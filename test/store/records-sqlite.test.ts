import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { testRecords } from "./records.contract.ts";

const directories: string[] = [];
after(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

testRecords("SQLite", async () => {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-records-"));
  directories.push(directory);
  return { kind: "sqlite", directory };
});
