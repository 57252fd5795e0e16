import { OperatorError } from "../operator-error.ts";

/** The records cannot be opened, or are not what we wrote. */
export class StoreError extends OperatorError {
  readonly code = "STORE";
}

/** Another process writes to the same directory. */
export class StoreLockedError extends OperatorError {
  readonly code = "STORE_LOCKED";
}
