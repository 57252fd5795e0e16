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

/** What the database said no with, for an operator; a bug of ours stays what it is. The address is not told: it may hold a password. */
export function explainOpening(place: StorePlace, error: unknown): unknown {
  if (error instanceof OperatorError || !(error instanceof Error) || !("code" in error)) return error;
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
