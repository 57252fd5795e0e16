import { OperatorError } from "../operator-error.ts";
import type { StorePlace } from "./store-place.ts";

/** The records cannot be opened, or are not what we wrote. */
export class StoreError extends OperatorError {
  readonly code = "STORE";
}

/** Another process writes to the same directory. */
export class StoreLockedError extends OperatorError {
  readonly code = "STORE_LOCKED";
}

/** Result codes of a disk that takes no writes: read-only, an error of the device, full. Source: sqlite.org/rescode.html */
const DISK_ANSWERS: ReadonlyMap<number, string> = new Map([
  [8, "the disk is read-only"],
  [10, "the disk has an error"],
  [13, "the disk is full"],
]);

/** For who asked for it and for the log: nothing of this change was stored. Anything else stays what it is. */
export function explainWriting(error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
  const answer = DISK_ANSWERS.get(error.errcode & 0xff);
  if (answer === undefined) return error;
  return new StoreError(`Nothing can be stored: ${answer} (${error.message}).`, {
    hint: "See to the disk that the state directory is on. The bot goes on by itself once it can write; then ask or press again.",
    cause: error,
  });
}

/** What the database said no with, for an operator; a bug of ours stays what it is. The address is not told: it may hold a password. */
export function explainOpening(place: StorePlace, error: unknown): unknown {
  if (error instanceof OperatorError || !(error instanceof Error) || !hasCode(error)) return error;
  switch (place.kind) {
    case "sqlite":
      return new StoreError(`The records in ${place.directory} cannot be opened: ${error.message}.`, {
        hint: "Is the disk full or read-only? If a file is damaged, move it away and restore it from a backup.",
        cause: error,
      });
    case "postgres":
      return new StoreError(`The records' database cannot be opened: ${error.message}.`, {
        hint: "Check DATABASE_URL: the server must be reachable, the database must exist, and its user must be allowed to create a schema.",
        cause: error,
      });
  }
}

/** Of its own or beneath it: the engine words anew what its database said. */
function hasCode(error: Error): boolean {
  return "code" in error || (error.cause instanceof Error && hasCode(error.cause));
}
