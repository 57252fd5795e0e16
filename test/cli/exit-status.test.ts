import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitStatusOfError } from "../../src/cli/exit-status.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { explainOpening } from "../../src/store/store-error.ts";

/** What the unit in docs/bot.md is not started again after. */
const guide = readFileSync(join(import.meta.dirname, "../../docs/bot.md"), "utf8");
const isFinal = (status: number) =>
  /^RestartPreventExitStatus=(.+)$/m.exec(guide)?.[1]?.split(" ").includes(String(status));

test("a database or disk that is away at the start is tried again by the unit of docs/bot.md", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  const statuses = [
    explainOpening({ kind: "postgres", url: "postgres://db/bot" }, refused),
    explainOpening({ kind: "sqlite", directory: "/var/lib/diagnose502" }, full),
  ].map((error) => exitStatusOfError(error, { command: "start" }));
  assert.deepEqual(statuses, [75, 75]);
  assert.deepEqual(statuses.map(isFinal), [false, false]);
});

test("a wrong config is not tried again", () => {
  const status = exitStatusOfError(new ConfigError("a: unknown key", { hint: "Correct it." }), {
    command: "start",
  });
  assert.equal(status, 78);
  assert.equal(isFinal(status), true);
});
