import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { exitStatusOfError } from "../../src/cli/exit-status.ts";
import { holdLock } from "../../src/store/hold-lock.ts";
import { StoreLockedError } from "../../src/store/store-error.ts";
import { makeStateDirectory } from "./temporary-place.ts";

/** A program that holds the lock of a directory, also when its memory is tidied up, until it is killed. */
const HOLDING = [
  "--expose-gc",
  "--input-type=module-typescript",
  "-e",
  `import { holdLock } from ${JSON.stringify(import.meta.resolve("../../src/store/hold-lock.ts"))};
   holdLock(process.argv[1], Date.now); gc(); console.log("held"); setInterval(() => {}, 1000);`,
];

async function startHolder(t: TestContext, directory: string) {
  const holder = spawn(process.execPath, [...HOLDING, directory], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  return holder;
}

test("a second process is refused, told who has it, and ends as wrong configuration does", async (t) => {
  const directory = await makeStateDirectory(t);
  const holder = await startHolder(t, directory);
  assert.throws(
    () => holdLock(directory, Date.now),
    (error: unknown) => {
      assert.ok(error instanceof StoreLockedError);
      assert.ok(error.message.startsWith(`${directory} is in use by process ${holder.pid}, started 20`));
      assert.match(error.hint, /Stop that one first/);
      assert.equal(exitStatusOfError(error), 78);
      return true;
    },
  );
});

test("asking for a lock that this process holds does not give it up to another", async (t) => {
  const directory = await makeStateDirectory(t);
  const lock = holdLock(directory, Date.now);
  assert.throws(() => holdLock(directory, Date.now), StoreLockedError);
  const other = spawn(process.execPath, [...HOLDING, directory], { stdio: ["ignore", "ignore", "pipe"] });
  const [said] = await Promise.all([text(other.stderr), once(other, "close")]);
  assert.match(said, /is in use by process/);
  lock.release();
});

test("the lock of a process that was killed is free", async (t) => {
  const directory = await makeStateDirectory(t);
  const holder = await startHolder(t, directory);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  holdLock(directory, Date.now).release();
});

test("within a process it is held once, and free after its release", async (t) => {
  const directory = await makeStateDirectory(t);
  const lock = holdLock(directory, Date.now);
  assert.throws(() => holdLock(directory, Date.now), StoreLockedError);
  lock.release();
  holdLock(directory, Date.now).release();
});

test("the directory and what is in it are for their owner alone", async (t) => {
  const directory = join(await makeStateDirectory(t), "new", "state");
  const lock = holdLock(directory, Date.now);
  for (const [path, mode] of [
    [directory, 0o700],
    [join(directory, "lock"), 0o600],
    [join(directory, "lock.db"), 0o600],
  ] as const) {
    assert.equal((await stat(path)).mode & 0o777, mode, path);
  }
  lock.release();
});
