import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { requirePrivateDirectory, requirePrivateFile } from "./private-file.ts";
import { StoreLockedError } from "./store-error.ts";

/** The right to write to a state directory, as long as the process lives. */
export interface StoreLock {
  readonly directory: string;
  release(): void;
}

/** A connection that nobody refers to is closed by the garbage collector, and its lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the directory for this process. Two files: `lock.db` is held by an open transaction, which the kernel ends with the process however
 * it ends, so there is no stale lock and no process id that means somebody else in another container; `lock` says who holds it, for people.
 * @throws {StoreLockedError} naming the process that has it.
 */
export function holdLock(directory: string, now: () => number): StoreLock {
  requirePrivateDirectory(directory);
  const path = join(directory, "lock.db");
  requirePrivateFile(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new StoreLockedError(`${directory} is in use by ${holderOf(directory)}.`, {
      hint: "Only one process may write there. Stop that one first, name another directory by DIAGNOSE502_STATE, or set DATABASE_URL to run several.",
      cause: error,
    });
  }
  held.add(database);
  const note = join(directory, "lock");
  function release(): void {
    try {
      rmSync(note, { force: true });
    } finally {
      held.delete(database);
      database.close();
    }
  }
  try {
    requirePrivateFile(note);
    writeFileSync(note, `process ${process.pid}, started ${startedAt(now)}\n`);
  } catch (error) {
    release();
    throw error;
  }
  return { directory, release };
}

function startedAt(now: () => number): string {
  return new Date(now() - process.uptime() * 1000).toISOString();
}

/** What the holder wrote about itself; it may be about to write it. */
function holderOf(directory: string): string {
  try {
    return readFileSync(join(directory, "lock"), "utf8").trim() || "another process";
  } catch {
    return "another process";
  }
}

/** Source: sqlite.org/rescode.html, SQLITE_BUSY. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}
