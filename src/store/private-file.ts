import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { makeDirectory } from "./make-directory.ts";
import { StoreError } from "./store-error.ts";

const OTHERS = 0o077;

/** Makes the directory for its owner alone (0700), or narrows it. @throws {StoreError} where it cannot. */
export function requirePrivateDirectory(directory: string): void {
  try {
    makeDirectory(directory);
    if ((statSync(directory).mode & OTHERS) !== 0) chmodSync(directory, 0o700);
  } catch (error) {
    throw new StoreError(`The state directory ${directory} cannot be used: ${reasonOf(error)}.`, {
      hint: "It must be a directory of the user that runs diagnose502. Name another one by DIAGNOSE502_STATE.",
      cause: error,
    });
  }
}

/**
 * Makes the file for its owner alone (0600), or narrows it, before a database opens it: what it writes beside it inherits the mode. One that
 * is there is never opened here: closing it would give up every lock that this process holds on it. Source: sqlite.org/howtocorrupt.html, 2.2.
 */
export function requirePrivateFile(path: string): void {
  try {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) closeSync(openSync(path, "a", 0o600));
    else if ((mode & OTHERS) !== 0) chmodSync(path, 0o600);
  } catch (error) {
    throw new StoreError(`${path} cannot be written: ${reasonOf(error)}.`, {
      hint: "It must belong to the user that runs diagnose502, on a disk with room.",
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
