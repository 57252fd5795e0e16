import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const WATCHDOG = import.meta.resolve("../src/watchdog.ts");

/** A process that is watched, and says `ready`. `log`: a descriptor that its log goes to. */
async function startWatched(code: string, { log }: { readonly log?: number } = {}) {
  const source = `import { startWatchdog } from ${JSON.stringify(WATCHDOG)};
    const watchdog = startWatchdog({ afterMs: 1500, onFailure: (error) => { throw error; } });
    setTimeout(async () => { console.log("ready"); ${code} }, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", log ?? "pipe"],
  });
  const ended = once(child, "exit");
  const said = child.stderr === null ? Promise.resolve("") : text(child.stderr).catch(() => "");
  assert.ok(child.stdout);
  await once(child.stdout, "data");
  return { child, ended, said };
}

/** A pipe that nobody reads: its only reader is whoever has opened it. */
function openPipe(): number {
  const directory = mkdtempSync(join(tmpdir(), "watchdog-"));
  const path = join(directory, "log");
  execFileSync("mkfifo", [path]);
  const pipe = openSync(path, "r+");
  rmSync(directory, { recursive: true });
  return pipe;
}

describe("a watchdog", { concurrency: true }, () => {
  test("a process whose event loop no longer turns is killed, and says why", async () => {
    const { ended, said } = await startWatched("while (true);");
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    const { level, message } = JSON.parse(await said);
    assert.deepEqual(
      [level, message],
      ["error", "the event loop has not turned for 1.5 s: the process kills itself"],
    );
  });

  test("it is killed where nobody reads its log any more, too", async () => {
    const { child, ended } = await startWatched("while (true);");
    child.stderr?.destroy();
    assert.deepEqual(await ended, [null, "SIGKILL"]);
  });

  test("it is killed where its log is a pipe that is full and that nobody reads, too", async (context) => {
    // a program that shares the log makes writers wait for room
    const code = `const [{ writeSync }, { spawnSync }] = await Promise.all([import("node:fs"), import("node:child_process")]);
      spawnSync("true", { stdio: "inherit" });
      for (;;) writeSync(2, "x".repeat(4096));`;
    const { child, ended } = await startWatched(code, { log: openPipe() });
    // a watchdog that waits for room would wait for good
    context.after(() => child.kill("SIGKILL"));
    assert.deepEqual(await ended, [null, "SIGKILL"]);
  });

  test("a process that was paused for longer is not killed, and ends as if nobody watched it", async () => {
    const { child, ended } = await startWatched("await new Promise((done) => setTimeout(done, 1000));");
    child.kill("SIGSTOP");
    await sleep(3000);
    child.kill("SIGCONT");
    assert.deepEqual(await ended, [0, null]);
  });

  test("once it is stopped it kills nobody", async () => {
    const { ended } = await startWatched(
      "await watchdog.stop(); const until = Date.now() + 3000; while (Date.now() < until);",
    );
    assert.deepEqual(await ended, [0, null]);
  });
});
