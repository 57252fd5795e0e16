import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** An empty state directory that is gone after the test. */
export async function makeStateDirectory(t: Pick<TestContext, "after">): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-state-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
