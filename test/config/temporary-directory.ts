import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A fresh directory only we may enter; gone when the test is over. */
export function temporaryDirectory(t: Pick<TestContext, "after">): string {
  const directory = mkdtempSync(join(tmpdir(), "diagnose502-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
