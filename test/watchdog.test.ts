import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const WATCHDOG = import.meta.resolve("../src/watchdog.ts");

/** A process that is watched, and says `ready`. */
async function startWatched(code: string) {
  const source = `import { startWatchdog } from ${JSON.stringify(WATCHDOG)};
    const watchdog = startWatchdog({ afterMs: 1500, onFailure: (error) => { throw error; } });
    setTimeout(async () => { console.log("ready"); ${code} }, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const said = text(child.stderr).catch(() => "");
  await once(child.stdout, "data");
  return { child, ended, said };
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
    child.stderr.destroy();
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
