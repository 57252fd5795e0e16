import { OperatorError } from "../operator-error.ts";

/** The command was typed wrongly: nothing was looked at. */
export class UsageError extends OperatorError {
  readonly code = "USAGE_WRONG";
  /** BSD `EX_USAGE`. Source: sysexits.h. */
  readonly exitStatus = 64;
}
