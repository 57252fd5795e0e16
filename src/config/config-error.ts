import { OperatorError } from "../operator-error.ts";

/** A file the operator wrote is wrong; the message starts with `file:line:column` wherever one is known. */
export class ConfigError extends OperatorError {
  readonly code = "CONFIG_INVALID";
  /** BSD `EX_CONFIG`. Source: sysexits.h. */
  readonly exitStatus = 78;
}
